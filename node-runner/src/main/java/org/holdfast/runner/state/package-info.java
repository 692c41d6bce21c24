// SPDX-License-Identifier: Apache-2.0
/**
 * What is known of a process at a checkpoint: descriptors and memory, and what of them can be
 * restored. It is written to the images as JSON.
 */
@NullMarked
package org.holdfast.runner.state;

import org.jspecify.annotations.NullMarked;
