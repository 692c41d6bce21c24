// SPDX-License-Identifier: Apache-2.0
/** JSON, one object a line, over Unix sockets: how the parties on one host talk. */
@NullMarked
package org.holdfast.coordinator.wire;

import org.jspecify.annotations.NullMarked;
