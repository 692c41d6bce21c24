// SPDX-License-Identifier: Apache-2.0
/** The index: what the store holds, in a database that can always be rebuilt from it. */
@NullMarked
package org.holdfast.index;

import org.jspecify.annotations.NullMarked;
