// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code struct hf_stream}: how far a TCP connection is. All that a side has sent has arrived when
 * the other side has received no less.
 *
 * @param fd the socket's descriptor
 * @param state of TCP, as the kernel numbers it
 * @param sent bytes, without those that were sent again
 * @param unsent bytes that wait in the sender
 * @param received bytes, in order
 */
public record StreamState(int fd, int state, long sent, long unsent, long received) {

  private static final int SIZE = 32;

  private static final List<Integer> CHANGING =
      List.of(TcpState.SYN_RECV, TcpState.FIN_WAIT1, TcpState.LAST_ACK, TcpState.CLOSING);

  /** Reads them from a message of type {@link MessageType#DRAINED}. */
  public static List<StreamState> read(Message message) {
    List<StreamState> streams = new ArrayList<>();
    ByteBuffer body = message.body();
    while (body.remaining() >= SIZE) {
      streams.add(read(body));
    }
    return streams;
  }

  static StreamState read(ByteBuffer body) {
    return new StreamState(
        body.getInt(), body.getInt(), body.getLong(), body.getLong(), body.getLong());
  }

  /** Whether the connection is about to be in another state, without either side doing anything. */
  public boolean isChanging() {
    return CHANGING.contains(state);
  }
}
