// SPDX-License-Identifier: Apache-2.0
/** What the coordinator and the command line ask: {@code control.sock}. */
@NullMarked
package org.holdfast.runner.control;

import org.jspecify.annotations.NullMarked;
