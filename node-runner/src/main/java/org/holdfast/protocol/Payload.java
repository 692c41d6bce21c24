// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;

/** The checked payload of a message that is a fixed struct. */
final class Payload {
  private Payload() {}

  static ByteBuffer of(Message message, MessageType type, int size) throws ProtocolException {
    if (message.type() != type) {
      throw new ProtocolException("%s came instead of %s".formatted(message.type(), type));
    }
    ByteBuffer body = message.body();
    if (body.remaining() < size) {
      throw new ProtocolException(
          "%s has %d bytes instead of %d".formatted(type, body.remaining(), size));
    }
    return body;
  }
}
