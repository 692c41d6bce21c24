// SPDX-License-Identifier: Apache-2.0
/** The kernel driver, {@code /dev/holdfast}, where the site has loaded it. */
@NullMarked
package org.holdfast.runner.driver;

import org.jspecify.annotations.NullMarked;
