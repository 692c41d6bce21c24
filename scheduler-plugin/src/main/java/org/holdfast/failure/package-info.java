// SPDX-License-Identifier: Apache-2.0
/** How Holdfast says that something went wrong: one line, one exit code. */
@NullMarked
package org.holdfast.failure;

import org.jspecify.annotations.NullMarked;
