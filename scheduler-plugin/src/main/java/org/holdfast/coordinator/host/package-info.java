// SPDX-License-Identifier: Apache-2.0
/** The hosts of a job and what is asked of the node runner on each. */
@NullMarked
package org.holdfast.coordinator.host;

import org.jspecify.annotations.NullMarked;
