// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import org.holdfast.protocol.CaptureItem;

/**
 * Content that belongs to a description and is kept in an image, once, whoever holds it.
 *
 * @param name of the image's entry
 * @param pipe whether it is a pipe's, else a file's
 * @param length of a file's, bytes
 */
public record Content(String name, boolean pipe, long length) {

  /** What a process that has the description as {@code fd} must copy. */
  public CaptureItem item(int fd) {
    return pipe ? new CaptureItem.Tee(fd) : new CaptureItem.CopyFile(fd, length);
  }
}
