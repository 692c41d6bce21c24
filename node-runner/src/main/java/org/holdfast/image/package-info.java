// SPDX-License-Identifier: Apache-2.0
/**
 * The image format: what a checkpoint in the store is made of, how it is written, read and
 * verified. {@code docs/image-format.md} describes it for people and other tools.
 */
@NullMarked
package org.holdfast.image;

import org.jspecify.annotations.NullMarked;
