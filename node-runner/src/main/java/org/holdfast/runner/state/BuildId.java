// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Optional;

/** Reads the build-id of a 64-bit ELF file: the note NT_GNU_BUILD_ID. */
final class BuildId {

  private static final int MAGIC = 0x464c457f;
  private static final int HEADER_SIZE = 64;
  private static final int PROGRAM_HEADER_SIZE = 56;
  private static final int PT_NOTE = 4;
  private static final int NT_GNU_BUILD_ID = 3;
  private static final int GNU = 0x00554e47;
  private static final int MOST_HEADERS = 64;
  private static final int MOST_NOTES = 64 << 10;

  private BuildId() {}

  /** The build-id in hexadecimal; empty: the file is of another kind, or has none. */
  static Optional<String> of(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer header = read(channel, 0, HEADER_SIZE);
      int count = Short.toUnsignedInt(header.getShort(56));
      if (header.getInt(0) != MAGIC || count > MOST_HEADERS) {
        return Optional.empty();
      }
      ByteBuffer programs = read(channel, header.getLong(32), count * PROGRAM_HEADER_SIZE);
      for (int at = 0; at < programs.limit(); at += PROGRAM_HEADER_SIZE) {
        long size = programs.getLong(at + 32);
        if (programs.getInt(at) == PT_NOTE && size <= MOST_NOTES) {
          Optional<String> id = find(read(channel, programs.getLong(at + 8), (int) size));
          if (id.isPresent()) {
            return id;
          }
        }
      }
    } catch (IOException e) {
      // Too short for one, or not to be read: known by size and time then.
    }
    return Optional.empty();
  }

  private static Optional<String> find(ByteBuffer notes) {
    for (int at = 0; at + 16 <= notes.limit(); ) {
      int nameSize = notes.getInt(at);
      int size = notes.getInt(at + 4);
      int content = at + 12 + aligned(nameSize);
      if (nameSize < 0 || size < 0 || content + size > notes.limit()) {
        return Optional.empty();
      }
      if (notes.getInt(at + 8) == NT_GNU_BUILD_ID && notes.getInt(at + 12) == GNU) {
        byte[] id = new byte[size];
        notes.get(content, id);
        return Optional.of(HexFormat.of().formatHex(id));
      }
      at = content + aligned(size);
    }
    return Optional.empty();
  }

  private static int aligned(int size) {
    return (size + 3) & ~3;
  }

  private static ByteBuffer read(FileChannel channel, long position, int size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException();
      }
    }
    return buffer.flip();
  }
}
