// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * One message.
 *
 * @param type what it is
 * @param epoch of the checkpoint it belongs to; 0: none
 * @param payload little endian, from its position to its limit; readers take a {@link #body} of
 *     their own
 */
public record Message(MessageType type, int epoch, ByteBuffer payload) {

  static final int MAGIC = 0x50464848;

  /** {@code HF_VERSION}. */
  public static final int VERSION = 6;

  static final int HEADER_SIZE = 16;

  /** A message without payload. */
  public static Message of(MessageType type, int epoch) {
    return new Message(type, epoch, buffer(0));
  }

  /** A message of text. */
  public static Message text(MessageType type, int epoch, String text) {
    return new Message(type, epoch, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** The payload with a position of its own. */
  public ByteBuffer body() {
    return payload.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The payload as text. */
  public String text() {
    return StandardCharsets.UTF_8.decode(body()).toString();
  }

  /** The header that goes before the payload. */
  public ByteBuffer header() {
    return buffer(HEADER_SIZE)
        .putInt(MAGIC)
        .putShort((short) VERSION)
        .putShort((short) type.code())
        .putInt(payload.remaining())
        .putInt(epoch)
        .flip();
  }

  static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
