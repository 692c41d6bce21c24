// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * {@code struct hf_hello}: the first message of every connection.
 *
 * @param pid of the process, as it sees itself; of a snapshot: of the process it is a copy of
 * @param kind who it is
 * @param restarted the process is restored and stands at the barrier
 * @param ownPid its own number as it sees itself; of the initial process: as the host sees it
 */
public record Hello(int pid, PeerKind kind, boolean restarted, int ownPid) {

  private static final int SIZE = 16;
  private static final int RESTARTED = 1;

  /** Reads it from a message of type {@link MessageType#HELLO}. */
  public static Hello read(Message message) throws ProtocolException {
    ByteBuffer body = Payload.of(message, MessageType.HELLO, SIZE);
    return new Hello(
        body.getInt(), PeerKind.of(body.getInt()), (body.getInt() & RESTARTED) != 0, body.getInt());
  }

  /** The message that says it. */
  public Message message() {
    ByteBuffer payload =
        Message.buffer(SIZE)
            .putInt(pid)
            .putInt(kind.code())
            .putInt(restarted ? RESTARTED : 0)
            .putInt(ownPid)
            .flip();
    return new Message(MessageType.HELLO, 0, payload);
  }
}
