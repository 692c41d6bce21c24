// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.util.List;

/** Where each frame of an image begins, in the file and in the tar. */
final class FrameIndex {

  private final ImageRecord image;
  private final long[] storedOffsets;

  FrameIndex(ImageRecord image) {
    this.image = image;
    List<Frame> frames = image.frames();
    this.storedOffsets = new long[frames.size()];
    for (int i = 1; i < storedOffsets.length; i++) {
      storedOffsets[i] = storedOffsets[i - 1] + frames.get(i - 1).storedBytes();
    }
  }

  /** How many frames {@code rawBytes} make. */
  static int count(long rawBytes, int frameBytes) {
    return Math.toIntExact((rawBytes + frameBytes - 1) / frameBytes);
  }

  int count() {
    return storedOffsets.length;
  }

  Frame frame(int number) {
    return image.frames().get(number);
  }

  /** Where it begins in the file. */
  long storedOffset(int number) {
    return storedOffsets[number];
  }

  /** Where it begins in the tar. */
  long rawOffset(int number) {
    return (long) number * image.frameBytes();
  }

  /** How many bytes of the tar it holds. */
  int rawBytes(int number) {
    return (int) Math.min(image.frameBytes(), image.rawBytes() - rawOffset(number));
  }

  /** The frame that holds this byte of the tar. */
  int at(long rawOffset) {
    return (int) (rawOffset / image.frameBytes());
  }
}
