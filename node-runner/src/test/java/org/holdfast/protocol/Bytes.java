// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes structs by hand, as the C side lays them out. */
final class Bytes {

  private final ByteBuffer buffer = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);

  Bytes ints(int... values) {
    for (int value : values) {
      buffer.putInt(value);
    }
    return this;
  }

  Bytes longs(long... values) {
    for (long value : values) {
      buffer.putLong(value);
    }
    return this;
  }

  /** A text, with zeroes up to {@code size}. */
  Bytes text(String text, int size) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    buffer.put(bytes).put(new byte[size - bytes.length]);
    return this;
  }

  byte[] array() {
    byte[] bytes = new byte[buffer.position()];
    buffer.get(0, bytes);
    return bytes;
  }

  Message message(MessageType type) {
    return new Message(type, 0, ByteBuffer.wrap(array()));
  }

  static byte[] of(ByteBuffer bytes) {
    byte[] array = new byte[bytes.remaining()];
    bytes.duplicate().get(array);
    return array;
  }
}
