// SPDX-License-Identifier: Apache-2.0
/** The connections of the C side: {@code job.sock}. */
@NullMarked
package org.holdfast.runner.peer;

import org.jspecify.annotations.NullMarked;
