// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

/**
 * {@code struct hf_exited}.
 *
 * @param status how the root process ended, as wait(2) gives it
 */
public record Exited(int status) {

  /** The message that says it. */
  public Message message() {
    return new Message(MessageType.EXITED, 0, Message.buffer(8).putInt(status).putInt(0).flip());
  }

  /** Reads it from a message of type {@link MessageType#EXITED}. */
  public static Exited read(Message message) throws ProtocolException {
    return new Exited(Payload.of(message, MessageType.EXITED, 8).getInt());
  }
}
