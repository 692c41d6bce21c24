// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

/**
 * The threads and buffers that compress and decompress frames, shared by all images that are
 * written or read at a time. Memory is bounded: about 5 MiB a thread, however many images.
 */
public final class FramePool implements AutoCloseable {

  /** Raw bytes in a frame. */
  public static final int FRAME_BYTES = 1 << 20;

  /**
   * @param threads how many frames are worked on at once, at least 1
   */
  public FramePool(int threads) {
    throw new UnsupportedOperationException();
  }

  /** Ends the threads and frees the buffers; nothing may be in progress. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
