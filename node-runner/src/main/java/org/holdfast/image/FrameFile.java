// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** An image's file, of which any frame can be read. Safe for several threads at once. */
final class FrameFile implements AutoCloseable {

  private final Path file;
  private final FileChannel channel;
  private final FrameIndex index;

  private FrameFile(Path file, FileChannel channel, FrameIndex index) {
    this.file = file;
    this.channel = channel;
    this.index = index;
  }

  /**
   * Opens it.
   *
   * @throws ImageDamaged when it is missing or of another size
   */
  static FrameFile open(Path epoch, ImageRecord image) throws IOException {
    Path file = epoch.resolve(image.file());
    FileChannel channel = channel(file);
    try {
      requireSize(file, channel, image.storedBytes());
      return new FrameFile(file, channel, new FrameIndex(image));
    } catch (IOException e) {
      channel.close();
      throw StoreException.cannot("read", file, e);
    }
  }

  private static FileChannel channel(Path file) throws StoreException {
    try {
      return FileChannel.open(file, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new ImageDamaged(file, "it is missing");
    } catch (IOException e) {
      throw StoreException.cannot("read", file, e);
    }
  }

  private static void requireSize(Path file, FileChannel channel, long expected)
      throws IOException {
    long size = channel.size();
    if (size != expected) {
      throw new ImageDamaged(file, "it has %d bytes instead of %d".formatted(size, expected));
    }
  }

  Path path() {
    return file;
  }

  FrameIndex index() {
    return index;
  }

  /**
   * Reads, verifies and decompresses a frame.
   *
   * @return its raw bytes, ready to be read until {@code coder} is used again
   * @throws ImageDamaged when it is not what was written
   */
  ByteBuffer read(int number, FrameCoder coder, ByteBuffer stored) throws IOException {
    Frame frame = index.frame(number);
    if (frame.storedBytes() > stored.capacity()) {
      throw damaged(number, "is larger than a frame can be");
    }
    fill(stored.clear().limit(frame.storedBytes()), index.storedOffset(number), number);
    if (FrameCoder.checksum(stored.flip()) != frame.crc32c()) {
      throw damaged(number, "does not match its checksum");
    }
    try {
      ByteBuffer raw = coder.decompress(stored);
      if (raw.remaining() != index.rawBytes(number)) {
        throw damaged(number, "holds another number of bytes than it should");
      }
      return raw;
    } catch (ZstdException e) {
      throw damaged(number, "cannot be decompressed: " + e.getMessage());
    }
  }

  private void fill(ByteBuffer stored, long offset, int number) throws IOException {
    long at = offset;
    while (stored.hasRemaining()) {
      int count;
      try {
        count = channel.read(stored, at);
      } catch (IOException e) {
        throw StoreException.cannot("read", file, e);
      }
      if (count < 0) {
        throw damaged(number, "ends early");
      }
      at += count;
    }
  }

  private ImageDamaged damaged(int number, String reason) {
    return new ImageDamaged(file, "its frame %d %s".formatted(number, reason));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
