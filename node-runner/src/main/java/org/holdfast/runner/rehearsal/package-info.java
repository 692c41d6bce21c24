// SPDX-License-Identifier: Apache-2.0
/** Exercises what runs while a job stands still, so that the first checkpoint finds it compiled. */
@NullMarked
package org.holdfast.runner.rehearsal;

import org.jspecify.annotations.NullMarked;
