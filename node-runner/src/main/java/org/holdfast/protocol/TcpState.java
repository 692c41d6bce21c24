// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

/** {@code enum hf_tcp_state}: the states of TCP, as the kernel numbers them. */
public final class TcpState {
  public static final int ESTABLISHED = 1;
  public static final int SYN_SENT = 2;
  public static final int SYN_RECV = 3;
  public static final int FIN_WAIT1 = 4;
  public static final int CLOSED = 7;
  public static final int CLOSE_WAIT = 8;
  public static final int LAST_ACK = 9;
  public static final int CLOSING = 11;

  private TcpState() {}
}
