// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.file.Path;

/** A checkpoint that is being written; it counts from {@link #commit} on. */
public final class PartialEpoch {

  PartialEpoch(Path path, int epoch) {
    throw new UnsupportedOperationException();
  }

  /** Its number. */
  public int epoch() {
    throw new UnsupportedOperationException();
  }

  /** The folder that images are written to, {@code <epoch>.partial}. */
  public Path path() {
    throw new UnsupportedOperationException();
  }

  /**
   * Writes the manifest, brings everything to the disk and gives the folder its final name.
   *
   * @throws StoreException when an image is missing or of another size, or the store cannot be
   *     written; then nothing was committed
   */
  public void commit(Manifest manifest) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Removes the folder and all in it. */
  public void discard() throws IOException {
    throw new UnsupportedOperationException();
  }
}
