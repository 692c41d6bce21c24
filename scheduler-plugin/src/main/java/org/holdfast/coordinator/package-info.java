// SPDX-License-Identifier: Apache-2.0
/** Decides when a job is checkpointed, drives the hosts' runners through the phases, and records what came of it. */
@NullMarked
package org.holdfast.coordinator;

import org.jspecify.annotations.NullMarked;
