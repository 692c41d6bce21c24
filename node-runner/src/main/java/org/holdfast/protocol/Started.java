// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * {@code struct hf_started}.
 *
 * @param pid of the job's root process, as the job sees it
 * @param namespace which process numbers the job has
 * @param terminal {@code st_rdev} of the job's terminal, 0: it has none
 */
public record Started(int pid, Namespace namespace, long terminal) {

  /** The message that says it. */
  public Message message() {
    return new Message(
        MessageType.STARTED,
        0,
        Message.buffer(16).putInt(pid).putInt(namespace.code()).putLong(terminal).flip());
  }

  /** Reads it from a message of type {@link MessageType#STARTED}. */
  public static Started read(Message message) throws ProtocolException {
    ByteBuffer body = Payload.of(message, MessageType.STARTED, 16);
    return new Started(body.getInt(), Namespace.of(body.getInt()), body.getLong());
  }
}
