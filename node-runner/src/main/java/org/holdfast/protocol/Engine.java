// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The range of addresses that is Holdfast's in every process ({@code HF_RESERVED_START}). */
public final class Engine {

  /** Where the interceptor's own memory begins; it begins with the path of the job's socket. */
  public static final long START = 0x300040000000L;

  private static final long RESERVED_START = 0x300000000000L;
  private static final long RESERVED_END = 0x300080000000L;
  private static final int SOCKET_SIZE = 108;

  private Engine() {}

  /** Whether an area is Holdfast's, but not part of an image. */
  public static boolean isReserved(MemoryRange area) {
    return area.start() >= RESERVED_START && area.start() < RESERVED_END && area.start() != START;
  }

  /** What the interceptor's memory begins with when the job's socket is there. */
  public static ByteBuffer socket(Path path) {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length >= SOCKET_SIZE) {
      throw new IllegalArgumentException("the socket's path is too long: " + path);
    }
    return Message.buffer(SOCKET_SIZE).put(name).position(SOCKET_SIZE).flip();
  }
}
