// SPDX-License-Identifier: Apache-2.0
/** The coordinator's operations as Spring Batch jobs. */
@NullMarked
package org.holdfast.coordinator.batch;

import org.jspecify.annotations.NullMarked;
