// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.protocol.SocketState;
import org.holdfast.protocol.TcpState;

/** What is at the other side of each socket of a job, all of which must be known. */
public final class Connections {

  /** What is at the other side. */
  public enum Side {
    /** Nothing: it is not connected, or finds its peer by name. */
    NONE,
    /** A socket of the job. */
    PEER,
    /** A listener of the job, which has not accepted the connection yet. */
    WAITING,
    /** Something outside the job. */
    OUTSIDE,
    /** What was there is closed. */
    CLOSED
  }

  /**
   * The other side of a socket.
   *
   * @param side what it is
   * @param inode of {@link Side#PEER}, else 0
   */
  public record Other(Side side, long inode) {}

  private static final List<Integer> PEER_CLOSED =
      List.of(TcpState.CLOSE_WAIT, TcpState.LAST_ACK, TcpState.CLOSING);

  private final Map<Long, SocketState> byInode = new HashMap<>();
  private final Map<String, SocketState> byEnds = new HashMap<>();
  private final Map<String, SocketState> listeners = new HashMap<>();

  /**
   * @param sockets all of the job
   */
  public Connections(Collection<SocketState> sockets) {
    for (SocketState socket : sockets) {
      byInode.put(socket.inode(), socket);
      if (socket.listening()) {
        listeners.put(name(socket.family(), socket.local()), socket);
      } else if (socket.tcp() && socket.connected()) {
        byEnds.put(ends(socket.local(), socket.remote()), socket);
      }
    }
  }

  /** The other side of one of them. */
  public Other of(SocketState socket) {
    if (socket.listening()) {
      return new Other(Side.NONE, 0);
    }
    return socket.family() == SocketState.UNIX ? unix(socket) : internet(socket);
  }

  private Other unix(SocketState socket) {
    if (byInode.containsKey(socket.peer())) {
      boolean byName = socket.type() == SocketState.DATAGRAM && !socket.remote().isEmpty();
      return byName ? new Other(Side.NONE, 0) : new Other(Side.PEER, socket.peer());
    }
    if (socket.type() == SocketState.DATAGRAM) {
      boolean lost = socket.connected() && socket.remote().isEmpty();
      return new Other(lost ? Side.OUTSIDE : Side.NONE, 0);
    }
    if (!socket.connected()) {
      return new Other(socket.peer() == 0 ? Side.NONE : Side.OUTSIDE, 0);
    }
    if (socket.peer() == 0) {
      return new Other(Side.CLOSED, 0);
    }
    return new Other(waits(socket) ? Side.WAITING : Side.OUTSIDE, 0);
  }

  private Other internet(SocketState socket) {
    if (!socket.tcp() || socket.state() == TcpState.CLOSED || socket.state() == TcpState.SYN_SENT) {
      return new Other(Side.NONE, 0);
    }
    SocketState peer = byEnds.get(ends(/* local= */ socket.remote(), /* remote= */ socket.local()));
    if (peer != null) {
      return new Other(Side.PEER, peer.inode());
    }
    if (PEER_CLOSED.contains(socket.state())) {
      return new Other(Side.CLOSED, 0);
    }
    return new Other(waits(socket) ? Side.WAITING : Side.OUTSIDE, 0);
  }

  private boolean waits(SocketState socket) {
    SocketState listener = listeners.get(name(socket.family(), socket.remote()));
    return listener != null && listener.waiting() > 0;
  }

  private static String ends(String local, String remote) {
    return local + " " + remote;
  }

  /** An IP listener is known by its port, for it may listen on all addresses. */
  private static String name(int family, String address) {
    return family == SocketState.UNIX
        ? "unix " + address
        : "port " + address.substring(address.lastIndexOf(':') + 1);
  }
}
