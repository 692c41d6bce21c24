// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;

/**
 * {@code struct hf_data}: the content of a pipe or deleted file.
 *
 * @param description index of its description
 * @param pid the process that copied it, by whose places a queue names descriptors on their way
 * @param length its size, bytes
 * @param source gives it
 */
public record PlanData(int description, int pid, long length, Source source) {

  private static final int HEADER = 24;
  private static final int ALIGNMENT = 8;

  /** Gives the content when the plan is written. */
  public interface Source {
    /** The content, from its beginning. */
    InputStream open() throws IOException;
  }

  void write(FileChannel to) throws IOException {
    int padding = (int) -length & (ALIGNMENT - 1);
    int size = Math.toIntExact(HEADER + length + padding);
    writeAll(
        to,
        Message.buffer(HEADER)
            .putInt(RecordType.DATA)
            .putInt(size)
            .putInt(description)
            .putInt(pid)
            .putLong(length)
            .flip());
    try (InputStream content = source.open()) {
      long copied = content.transferTo(Channels.newOutputStream(to));
      if (copied != length) {
        throw new IOException("content of %d bytes has %d".formatted(length, copied));
      }
    }
    writeAll(to, ByteBuffer.allocate(padding));
  }

  static void writeAll(FileChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }
}
