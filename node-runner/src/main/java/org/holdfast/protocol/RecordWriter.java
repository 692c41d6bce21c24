// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Builds a payload of records ({@code struct hf_rec}), padded to 8 bytes. */
final class RecordWriter {
  private static final int HEADER = 8;
  private static final int ALIGNMENT = 8;

  private ByteBuffer buffer = Message.buffer(4096);

  /** Adds a record of {@code size} bytes behind its header, which {@code body} writes whole. */
  RecordWriter add(int type, int size, Consumer<ByteBuffer> body) {
    int length = Math.addExact(HEADER, (size + ALIGNMENT - 1) & -ALIGNMENT);
    reserve(length);
    int end = buffer.position() + length;
    buffer.putInt(type).putInt(length);
    body.accept(buffer);
    while (buffer.position() < end) {
      buffer.put((byte) 0);
    }
    return this;
  }

  /** As {@link #add(int, int, Consumer)}, with text and its NUL behind {@code size} bytes. */
  RecordWriter add(int type, int size, Consumer<ByteBuffer> body, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return add(type, size + bytes.length + 1, body.andThen(to -> to.put(bytes).put((byte) 0)));
  }

  Message message(MessageType type, int epoch) {
    return new Message(type, epoch, payload());
  }

  ByteBuffer payload() {
    return buffer.duplicate().flip();
  }

  private void reserve(int length) {
    if (buffer.remaining() >= length) {
      return;
    }
    int wanted = Math.max(Math.addExact(buffer.position(), length), 2 * buffer.capacity());
    buffer = Message.buffer(wanted).put(buffer.flip());
  }
}
