// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * {@code struct hf_hello}: the first message of every connection.
 *
 * @param pid of the process, as it sees itself; of a snapshot: of the process it is a copy of
 * @param kind who it is
 * @param restarted the process is restored and stands at the barrier
 * @param joined a snapshot: the kernel driver gives the runner its memory
 * @param ownPid its own number as it sees itself; of the initial process: as the host sees it
 */
public record Hello(int pid, PeerKind kind, boolean restarted, boolean joined, int ownPid) {

  private static final int SIZE = 16;
  private static final int RESTARTED = 1;
  private static final int JOINED = 2;

  /** Reads it from a message of type {@link MessageType#HELLO}. */
  public static Hello read(Message message) throws ProtocolException {
    ByteBuffer body = Payload.of(message, MessageType.HELLO, SIZE);
    int pid = body.getInt();
    PeerKind kind = PeerKind.of(body.getInt());
    int flags = body.getInt();
    return new Hello(pid, kind, (flags & RESTARTED) != 0, (flags & JOINED) != 0, body.getInt());
  }

  /** The message that says it. */
  public Message message() {
    ByteBuffer payload =
        Message.buffer(SIZE)
            .putInt(pid)
            .putInt(kind.code())
            .putInt((restarted ? RESTARTED : 0) | (joined ? JOINED : 0))
            .putInt(ownPid)
            .flip();
    return new Message(MessageType.HELLO, 0, payload);
  }
}
