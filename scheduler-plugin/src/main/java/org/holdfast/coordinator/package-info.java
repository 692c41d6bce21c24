// SPDX-License-Identifier: Apache-2.0
/**
 * Decides when a job is checkpointed, drives the runners through the phases, records the outcome.
 */
@NullMarked
package org.holdfast.coordinator;

import org.jspecify.annotations.NullMarked;
