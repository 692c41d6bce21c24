// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** Writes images: standard tars in independent zstd frames. Safe for several threads at once. */
public final class ImageWriter {

  /** The zstd level that is best when nothing else is asked; docs/image-format.md tells why. */
  public static final int DEFAULT_LEVEL = 1;

  /**
   * @param pool what compresses
   * @param level zstd's, from -7 (fastest) to 19
   */
  public ImageWriter(FramePool pool, int level) {
    throw new UnsupportedOperationException();
  }

  /**
   * Writes one process's image and brings it to the disk. Blocks; call it from a thread for each
   * image that is to be written at the same time (two or three keep the pool busy).
   *
   * <p>When it fails or the calling thread is interrupted, the file is removed, and neither the
   * source nor a buffer is used any more when this returns.
   *
   * @param epoch the folder of the checkpoint that is being written
   * @param content what the image is to hold
   * @param memory where blobs and pages are read, by the pool's threads
   * @param progress gets raw bytes as they are written: increments, on the calling thread
   * @return the image's record for the manifest
   * @throws StoreException when the file cannot be written (as when the disk is full) or memory
   *     cannot be read
   */
  public ImageRecord write(
      Path epoch, ImageContent content, MemorySource memory, LongConsumer progress)
      throws IOException, InterruptedException {
    throw new UnsupportedOperationException();
  }
}
