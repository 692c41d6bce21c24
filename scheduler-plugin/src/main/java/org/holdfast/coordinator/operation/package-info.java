// SPDX-License-Identifier: Apache-2.0
/** The coordinator's operations, phase by phase; that each is a Batch job is told elsewhere. */
@NullMarked
package org.holdfast.coordinator.operation;

import org.jspecify.annotations.NullMarked;
