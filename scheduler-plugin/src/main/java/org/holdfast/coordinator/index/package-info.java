// SPDX-License-Identifier: Apache-2.0
/** The index: what the store holds and what failed, in a database that the store can rebuild. */
@NullMarked
package org.holdfast.coordinator.index;

import org.jspecify.annotations.NullMarked;
