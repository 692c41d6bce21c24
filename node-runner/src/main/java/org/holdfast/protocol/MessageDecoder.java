// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Puts messages together out of the bytes of one connection, in whatever pieces they come. */
public final class MessageDecoder {

  /** The largest payload that is taken, bytes. */
  public static final int MAX_PAYLOAD = 32 << 20;

  private final ByteBuffer header = Message.buffer(Message.HEADER_SIZE);
  private @Nullable ByteBuffer payload;
  private @Nullable MessageType type;

  /**
   * Takes bytes until a message is whole or there are no more.
   *
   * @return the message, or null when it is not whole yet (then {@code bytes} is empty)
   * @throws ProtocolException on anything but a message of this version
   */
  public @Nullable Message decode(ByteBuffer bytes) throws ProtocolException {
    if (payload == null) {
      move(bytes, header);
      if (header.hasRemaining()) {
        return null;
      }
      readHeader();
    }
    ByteBuffer body = payload;
    MessageType whole = type;
    if (body == null || whole == null) {
      throw new IllegalStateException("no header was read");
    }
    move(bytes, body);
    if (body.hasRemaining()) {
      return null;
    }
    int epoch = header.getInt(12);
    header.clear();
    payload = null;
    return new Message(whole, epoch, body.flip());
  }

  private void readHeader() throws ProtocolException {
    if (header.getInt(0) != Message.MAGIC) {
      throw new ProtocolException("this is not a message of Holdfast's interceptor");
    }
    int version = Short.toUnsignedInt(header.getShort(4));
    if (version != Message.VERSION) {
      throw new ProtocolException(
          "the interceptor speaks version %d of the protocol, the node runner version %d: use one build of both"
              .formatted(version, Message.VERSION));
    }
    int code = Short.toUnsignedInt(header.getShort(6));
    type =
        MessageType.of(code)
            .orElseThrow(() -> new ProtocolException("messages of type " + code + " are unknown"));
    long length = Integer.toUnsignedLong(header.getInt(8));
    if (length > MAX_PAYLOAD) {
      throw new ProtocolException(
          "a message of %d bytes is larger than the limit of %d".formatted(length, MAX_PAYLOAD));
    }
    payload = Message.buffer((int) length);
  }

  private static void move(ByteBuffer from, ByteBuffer to) {
    int count = Math.min(from.remaining(), to.remaining());
    int limit = from.limit();
    to.put(from.limit(from.position() + count));
    from.limit(limit);
  }
}
