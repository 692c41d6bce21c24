// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;

/** The content of one entry of an image, decompressed a frame at a time. For one thread. */
final class EntryStream extends InputStream {

  private final FrameFile file;
  private final FramePool pool;
  private final long end;
  private long next;
  private ByteBuffer current = ByteBuffer.allocate(0);

  EntryStream(FrameFile file, FramePool pool, NamedEntry entry) {
    this.file = file;
    this.pool = pool;
    this.next = entry.offset();
    this.end = entry.offset() + entry.length();
  }

  @Override
  public int read() throws IOException {
    return atEnd() ? -1 : Byte.toUnsignedInt(current.get());
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (atEnd()) {
      return -1;
    }
    int count = Math.min(length, current.remaining());
    current.get(into, offset, count);
    return count;
  }

  private boolean atEnd() throws IOException {
    if (!current.hasRemaining() && next < end) {
      readFrame();
    }
    return !current.hasRemaining();
  }

  private void readFrame() throws IOException {
    int frame = file.index().at(next);
    try {
      pool.run(
          frame,
          frame + 1,
          (number, coder, stored) -> copy(file.read(number, coder, stored), number),
          (number, bytes, stored) -> current = bytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while reading " + file.path());
    }
    next += current.remaining();
  }

  /** What belongs to the entry, out of the pool's buffer. */
  private ByteBuffer copy(ByteBuffer raw, int number) {
    int from = (int) (next - file.index().rawOffset(number));
    int to = (int) Math.min(raw.limit(), end - file.index().rawOffset(number));
    byte[] bytes = new byte[to - from];
    raw.get(from, bytes);
    return ByteBuffer.wrap(bytes);
  }
}
