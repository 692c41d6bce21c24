// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.nio.ByteBuffer;

/** A file of an image's tar. */
sealed interface TarContent permits TarContent.Given, Blob, MemoryRun {

  /** Its name in the tar. */
  String name();

  /** Its size in bytes. */
  long length();

  /** Content that is at hand: all of {@code bytes}, from index 0 to their limit. */
  record Given(String name, ByteBuffer bytes) implements TarContent {

    @Override
    public long length() {
      return bytes.limit();
    }
  }
}
