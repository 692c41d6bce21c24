// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import org.holdfast.protocol.CaptureItem;

/**
 * Content that belongs to a description and is kept in an image, once, whoever holds it.
 *
 * @param name of the image's entry
 * @param kind what it is the content of
 * @param length of a file's, bytes
 */
public record Content(String name, Kind kind, long length) {

  /** What it is the content of. */
  public enum Kind {
    PIPE,
    FILE,
    /** A file that has a name, as far as it can be read. */
    KEPT_FILE,
    QUEUE,
    MESSAGES
  }

  /** What a process that has the description as {@code fd} must copy. */
  public CaptureItem item(int fd) {
    return switch (kind) {
      case PIPE -> new CaptureItem.Tee(fd);
      case FILE -> new CaptureItem.CopyFile(fd, length);
      case KEPT_FILE -> new CaptureItem.KeepFile(fd, length);
      case QUEUE -> new CaptureItem.CopyQueue(fd);
      case MESSAGES -> new CaptureItem.CopyMessageQueue(fd);
    };
  }
}
