// SPDX-License-Identifier: Apache-2.0
/**
 * The binary messages between the C side and the node runner, as {@code
 * preload/include/holdfast/protocol.h} defines them.
 */
@NullMarked
package org.holdfast.protocol;

import org.jspecify.annotations.NullMarked;
