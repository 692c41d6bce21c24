// SPDX-License-Identifier: Apache-2.0
/** The command line. Nothing here starts Spring unless the command needs the coordinator. */
@NullMarked
package org.holdfast.cli;

import org.jspecify.annotations.NullMarked;
