// SPDX-License-Identifier: Apache-2.0
/** Takes a checkpoint: stops the job, captures it, lets it go on, writes the images. */
@NullMarked
package org.holdfast.runner.checkpoint;

import org.jspecify.annotations.NullMarked;
