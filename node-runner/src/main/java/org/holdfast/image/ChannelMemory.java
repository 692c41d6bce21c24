// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** Memory behind a file whose offsets are addresses, as {@code /proc/PID/mem}. */
public final class ChannelMemory implements MemorySource, MemorySink, AutoCloseable {

  private final FileChannel channel;

  private ChannelMemory(FileChannel channel) {
    this.channel = channel;
  }

  /** Opens {@code file} for what {@code options} say. */
  public static ChannelMemory open(Path file, OpenOption... options) throws IOException {
    return new ChannelMemory(FileChannel.open(file, options));
  }

  /** The memory behind an open file, which is this object's from now on. */
  public static ChannelMemory of(FileChannel channel) {
    return new ChannelMemory(channel);
  }

  @Override
  public int read(ByteBuffer into, long address) throws IOException {
    return channel.read(into, address);
  }

  @Override
  public void write(ByteBuffer from, long address) throws IOException {
    long at = address;
    while (from.hasRemaining()) {
      int count = channel.write(from, at);
      if (count == 0) {
        throw new IOException("no memory at 0x" + Long.toHexString(at));
      }
      at += count;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
