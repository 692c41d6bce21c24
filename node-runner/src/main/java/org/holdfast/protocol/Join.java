// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * {@code struct hf_join}: what a process must know to join the runner's group of the kernel driver.
 */
public final class Join {

  private static final int SIZE = 32;

  private final byte[] token;

  private Join(byte[] token) {
    this.token = token;
  }

  /** Reads it. */
  public static Join read(ByteBuffer from) {
    byte[] token = new byte[SIZE];
    from.get(token);
    return new Join(token);
  }

  /** Appends it. */
  public ByteBuffer write(ByteBuffer to) {
    return to.put(token);
  }

  /** The token in hexadecimal digits. */
  public String digits() {
    return HexFormat.of().formatHex(token);
  }

  /** The message that asks a process to join. */
  public Message message() {
    return new Message(MessageType.JOIN, 0, write(Message.buffer(SIZE)).flip());
  }

  /**
   * What a process answered.
   *
   * @return 0: it has joined; else why not, an errno
   */
  public static int error(Message message) throws ProtocolException {
    return Payload.of(message, MessageType.JOINED, 8).getInt();
  }
}
