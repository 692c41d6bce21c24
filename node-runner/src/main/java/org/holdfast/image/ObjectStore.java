// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Copies of the files that a job's processes had mapped, once each, by content. Remembers what it
 * has seen: keep one of them as long as the job runs. Safe for several threads at once.
 */
public final class ObjectStore {

  ObjectStore(Path folder) {
    throw new UnsupportedOperationException();
  }

  /**
   * Stores a file's content unless it is there already. A file that was put before and has not
   * changed since (device, inode, size, times) is not read again.
   *
   * @return its id: SHA-256 of the content, 64 hexadecimal digits
   */
  public String put(Path file) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Where the object {@code id} is or would be. */
  public Path path(String id) {
    throw new UnsupportedOperationException();
  }

  /** Reads the object {@code id} in full. */
  public Verification verify(String id) throws IOException {
    throw new UnsupportedOperationException();
  }
}
