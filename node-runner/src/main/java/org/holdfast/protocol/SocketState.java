// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * {@code struct hf_socket}.
 *
 * @param family AF_*
 * @param type SOCK_*
 * @param state of TCP, as the kernel numbers it; others 0
 * @param flags {@code HF_SOCKET_*}
 * @param waiting of a listening socket: connections that were not accepted yet
 * @param inode which socket it is
 * @param peer inode of a Unix socket's peer, 0: none
 * @param local its address as text, empty: none
 * @param remote its peer's address as text, empty: none
 * @param record the whole of it with its options, for the restart
 */
public record SocketState(
    int family,
    int type,
    int state,
    int flags,
    int waiting,
    long inode,
    long peer,
    String local,
    String remote,
    ByteBuffer record) {

  public static final int UNIX = 1;
  public static final int INET = 2;
  public static final int INET6 = 10;
  public static final int STREAM = 1;
  public static final int DATAGRAM = 2;

  private static final int LISTENING = 1;
  private static final int CONNECTED = 2;
  private static final int UNREAD = 32;
  private static final int EMPTY = 256;
  private static final int PLACEHOLDERS = 512;
  private static final int ADDRESS = 112;

  static SocketState read(RecordReader reader) {
    ByteBuffer body = reader.body();
    ByteBuffer record = body.slice();
    body.getInt();
    int family = body.getShort();
    int type = body.getShort();
    body.getInt();
    int state = body.getInt();
    int flags = body.getInt();
    body.getInt();
    int waiting = body.getInt();
    body.getInt();
    long inode = body.getLong();
    long peer = body.getLong();
    int localLength = body.getInt();
    int remoteLength = body.getInt();
    String local = address(body, localLength);
    String remote = address(body, remoteLength);
    return new SocketState(family, type, state, flags, waiting, inode, peer, local, remote, record);
  }

  public boolean listening() {
    return (flags & LISTENING) != 0;
  }

  /** Of a Unix socket: whether the peer has not read all that was sent. */
  public boolean unread() {
    return (flags & UNREAD) != 0;
  }

  /** Whether connections wait that nobody can look into: no placeholders of accepted ones. */
  public boolean keepsWaiting() {
    return listening() && waiting > 0 && (flags & PLACEHOLDERS) == 0;
  }

  /** Of TCP: whether nothing waits to be received. */
  public boolean empty() {
    return (flags & EMPTY) != 0;
  }

  public boolean connected() {
    return (flags & CONNECTED) != 0;
  }

  public boolean tcp() {
    return family != UNIX && type == STREAM;
  }

  /** The same with another state of TCP, after more may have been received. */
  public SocketState in(int newState) {
    return new SocketState(
        family, type, newState, flags & ~EMPTY, waiting, inode, peer, local, remote, record);
  }

  /** Text of a struct sockaddr; IPv4 addresses in IPv6 look as IPv4's. Moves behind its room. */
  private static String address(ByteBuffer body, int length) {
    byte[] bytes = new byte[ADDRESS];
    body.get(bytes);
    if (length <= Short.BYTES) {
      return "";
    }
    int family = (bytes[0] & 0xff) | (bytes[1] & 0xff) << 8;
    int port = (bytes[2] & 0xff) << 8 | (bytes[3] & 0xff);
    return switch (family) {
      case UNIX -> path(bytes, length);
      case INET -> ip(bytes, 4, 4) + ":" + port;
      case INET6 -> ip(bytes, 8, 16) + ":" + port;
      default -> "";
    };
  }

  private static String path(byte[] bytes, int length) {
    boolean isAbstract = bytes[2] == 0;
    int start = isAbstract ? 3 : 2;
    int end = start;
    while (end < length && (isAbstract || bytes[end] != 0)) {
      end++;
    }
    return (isAbstract ? "@" : "")
        + new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
  }

  private static String ip(byte[] bytes, int from, int size) {
    byte[] address = new byte[size];
    System.arraycopy(bytes, from, address, 0, size);
    try {
      String text = InetAddress.getByAddress(address).getHostAddress();
      return text.indexOf(':') < 0 ? text : "[" + text + "]";
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + size + " bytes", e);
    }
  }
}
