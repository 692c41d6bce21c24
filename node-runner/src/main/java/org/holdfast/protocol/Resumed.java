// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * {@code struct hf_resumed}.
 *
 * @param stopNs from the first signal to the open barrier
 * @param threads that stood at the barrier
 */
public record Resumed(long stopNs, int threads) {

  /** The message that says it. */
  public Message message(int epoch) {
    return new Message(
        MessageType.RESUMED,
        epoch,
        Message.buffer(16).putLong(stopNs).putInt(threads).putInt(0).flip());
  }

  /** Reads it from a message of type {@link MessageType#RESUMED}. */
  public static Resumed read(Message message) throws ProtocolException {
    ByteBuffer body = Payload.of(message, MessageType.RESUMED, 16);
    return new Resumed(body.getLong(), body.getInt());
  }
}
