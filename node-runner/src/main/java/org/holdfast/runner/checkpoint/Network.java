// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.holdfast.protocol.SocketState;
import org.holdfast.protocol.StreamState;
import org.holdfast.runner.state.Connections;
import org.holdfast.runner.state.OpenDescriptor;
import org.holdfast.runner.state.Refusal;
import org.holdfast.runner.state.Socket;
import org.jspecify.annotations.Nullable;

/** The sockets of a job that stands still. */
final class Network {

  private final Map<Integer, List<OpenDescriptor>> descriptors;
  private final Map<Long, SocketState> sockets = new HashMap<>();
  private final Connections connections;

  /**
   * @param descriptors of each process, by its number
   */
  Network(Map<Integer, List<OpenDescriptor>> descriptors) {
    this.descriptors = descriptors;
    descriptors.values().stream()
        .flatMap(List::stream)
        .flatMap(Network::socket)
        .forEach(socket -> sockets.put(socket.state().inode(), socket.state()));
    connections = new Connections(sockets.values());
  }

  /** The processes that have TCP connections. */
  Set<Integer> connected() {
    Set<Integer> pids = new HashSet<>();
    descriptors.forEach(
        (pid, list) -> {
          if (list.stream().flatMap(Network::socket).anyMatch(Network::isConnection)) {
            pids.add(pid);
          }
        });
    return pids;
  }

  /**
   * How far each connection is, by its inode.
   *
   * @param streams as the descriptors of processes have it
   */
  Map<Long, StreamState> progress(Map<Holder, StreamState> streams) {
    Map<Long, StreamState> byInode = new HashMap<>();
    descriptors.forEach(
        (pid, list) -> {
          for (OpenDescriptor descriptor : list) {
            if (descriptor.description() instanceof Socket socket) {
              StreamState stream = streams.get(new Holder(pid, descriptor.fd()));
              if (stream != null) {
                byInode.put(socket.state().inode(), stream);
              }
            }
          }
        });
    return byInode;
  }

  /**
   * How many bytes are on their way between sockets of the job.
   *
   * @param progress of each connection
   */
  long inFlight(Map<Long, StreamState> progress) {
    long bytes = 0;
    for (Map.Entry<Long, StreamState> one : progress.entrySet()) {
      SocketState socket = sockets.get(one.getKey());
      StreamState peer = socket == null ? null : progress.get(connections.of(socket).inode());
      if (peer != null) {
        bytes += Math.max(0, one.getValue().sent() + one.getValue().unsent() - peer.received());
      }
    }
    return bytes;
  }

  /**
   * Whether what is told of the connections will be another thing in a moment, or data has to be
   * pulled.
   *
   * @param progress of each connection
   */
  boolean isMoving(Map<Long, StreamState> progress) {
    return progress.values().stream().anyMatch(StreamState::isChanging) || inFlight(progress) > 0;
  }

  /** The descriptors, with the states of TCP as they are now. */
  Map<Integer, List<OpenDescriptor>> with(Map<Long, StreamState> progress) {
    Map<Integer, List<OpenDescriptor>> result = new TreeMap<>();
    descriptors.forEach(
        (pid, list) -> {
          List<OpenDescriptor> now = new ArrayList<>();
          for (OpenDescriptor descriptor : list) {
            now.add(
                descriptor.description() instanceof Socket socket
                        && progress.containsKey(socket.state().inode())
                    ? new OpenDescriptor(
                        descriptor.fd(),
                        descriptor.fdFlags(),
                        descriptor.shared(),
                        socket.in(progress.get(socket.state().inode()).state()))
                    : descriptor);
          }
          result.put(pid, now);
        });
    return result;
  }

  /** The connections that leave the job, one line each. */
  List<String> outside() {
    return sockets.values().stream()
        .filter(socket -> connections.of(socket).side() == Connections.Side.OUTSIDE)
        .map(socket -> name(socket))
        .sorted()
        .toList();
  }

  /**
   * Refuses what waits where nobody can look.
   *
   * @param progress of each TCP connection
   * @param namer names a process in a refusal
   */
  void refuseUnreachable(Map<Long, StreamState> progress, ProcessNamer namer) throws Refusal {
    for (Map.Entry<Integer, List<OpenDescriptor>> process : descriptors.entrySet()) {
      for (OpenDescriptor descriptor : process.getValue()) {
        if (descriptor.description() instanceof Socket socket) {
          String reason = unreachable(socket.state(), progress.get(socket.state().inode()));
          if (!reason.isEmpty()) {
            throw new Refusal(
                "%s: descriptor %d %s"
                    .formatted(namer.name(process.getKey()), descriptor.fd(), reason));
          }
        }
      }
    }
  }

  /**
   * Refuses connections that leave the job.
   *
   * @param namer names a process in a refusal
   */
  void refuseOutside(ProcessNamer namer) throws Refusal {
    for (Map.Entry<Integer, List<OpenDescriptor>> process : descriptors.entrySet()) {
      for (OpenDescriptor descriptor : process.getValue()) {
        if (descriptor.description() instanceof Socket socket
            && connections.of(socket.state()).side() == Connections.Side.OUTSIDE) {
          throw new Refusal(
              "%s: descriptor %d is the connection %s, which leaves the job: a restart could only"
                      .formatted(
                          namer.name(process.getKey()), descriptor.fd(), name(socket.state()))
                  + " reset it (--external fail)");
        }
      }
    }
  }

  /** Why what a socket has sent, or its peer, cannot be had; empty: it can. */
  private String unreachable(SocketState socket, @Nullable StreamState stream) {
    Connections.Side side = connections.of(socket).side();
    boolean sent = socket.unread() || (stream != null && stream.sent() > 0);
    if (side == Connections.Side.WAITING && sent) {
      return "has sent data on a connection that the other side has not accepted yet: try again";
    }
    boolean datagrams =
        socket.family() == SocketState.UNIX && socket.type() == SocketState.DATAGRAM;
    return side == Connections.Side.OUTSIDE && datagrams
        ? "is connected to an unnamed socket outside the job"
        : "";
  }

  private static Stream<Socket> socket(OpenDescriptor descriptor) {
    return descriptor.description() instanceof Socket socket ? Stream.of(socket) : Stream.empty();
  }

  private static boolean isConnection(Socket socket) {
    return socket.state().tcp() && !socket.state().listening();
  }

  private static String name(SocketState socket) {
    String kind = socket.family() == SocketState.UNIX ? "unix" : "tcp";
    return "%s %s to %s".formatted(kind, socket.local(), socket.remote());
  }
}
