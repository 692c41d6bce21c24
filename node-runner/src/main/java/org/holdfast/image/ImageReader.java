// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/**
 * Reads one image. Each frame's checksum is verified before a byte of it is used, so what is given
 * out is what was written. Safe for several threads at once.
 */
public final class ImageReader implements AutoCloseable {

  private ImageReader() {}

  /**
   * @param epoch the checkpoint's folder
   * @param image the image's record in the manifest
   * @param pool what decompresses
   * @throws ImageDamaged when the file is missing or of another size
   */
  public static ImageReader open(Path epoch, ImageRecord image, FramePool pool) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * The content of the entry {@code name}, which must fit into memory.
   *
   * @throws ImageDamaged when the image has no such entry, or is damaged where it lies
   */
  public byte[] bytes(String name) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * The content of the entry {@code name}, of any size, decompressed as it is read.
   *
   * @throws ImageDamaged as {@link #bytes}; also while it is read
   */
  public InputStream stream(String name) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Gives all memory to {@code sink}, in no particular order, on the pool's threads.
   *
   * @param progress gets bytes as they are given out: increments, on the calling thread
   * @throws ImageDamaged when a frame is; then some memory may have been given out
   */
  public void readMemory(MemorySink sink, LongConsumer progress)
      throws IOException, InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** As {@link #readMemory(MemorySink, LongConsumer)}, what lies between two addresses only. */
  public void readMemory(long start, long end, MemorySink sink, LongConsumer progress)
      throws IOException, InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** Reads and decompresses every frame. */
  public Verification verify() throws IOException, InterruptedException {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() throws IOException {
    throw new UnsupportedOperationException();
  }
}
