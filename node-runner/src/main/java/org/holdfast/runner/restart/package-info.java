// SPDX-License-Identifier: Apache-2.0
/** Makes a job again from its images. */
@NullMarked
package org.holdfast.runner.restart;

import org.jspecify.annotations.NullMarked;
