// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;
import org.holdfast.protocol.SocketState;

/**
 * A socket of the families Unix, IPv4 and IPv6.
 *
 * @param flags status flags
 * @param state what is known of it
 */
public record Socket(int flags, SocketState state) implements Description {

  private static final String IN_FLIGHT = "scm_fds";

  static Optional<Description> recognise(DescriptorState fd, JobView job) throws Refusal {
    if (!FileType.SOCKET.is(fd)) {
      return Optional.empty();
    }
    // Before the job is stopped only the interceptor could tell more of it.
    SocketState state = fd.socket().orElse(UNKNOWN);
    if (state.listening()
        && FdInfo.field(fd.info(), IN_FLIGHT)
            .filter(count -> !count.strip().equals("0"))
            .isPresent()) {
      throw new Refusal("listens, and descriptors wait in a connection that is not accepted yet");
    }
    boolean known =
        state.family() == SocketState.UNIX
            || state.family() == SocketState.INET
            || state.family() == SocketState.INET6;
    boolean restorable =
        state.family() == SocketState.UNIX
            || state.type() == SocketState.STREAM
            || state.type() == SocketState.DATAGRAM;
    if (!known || !restorable) {
      throw new Refusal(
          "is a socket of family %d and type %d, which cannot be restored yet"
              .formatted(state.family(), state.type()));
    }
    return Optional.of(new Socket(fd.flags(), state));
  }

  private static final SocketState UNKNOWN =
      new SocketState(
          SocketState.UNIX, SocketState.STREAM, 0, 0, 0, 0, 0, "", "", ByteBuffer.allocate(0));

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return plan(PlanDescription.NO_PEER, 0);
  }

  /**
   * What the restart makes.
   *
   * @param peer index of the peer's description, or {@link PlanDescription#NO_PEER}
   * @param aux as {@link PlanDescription.Kind#SOCKET} has it
   */
  public PlanDescription plan(long peer, long aux) {
    return new PlanDescription(
        PlanDescription.Kind.SOCKET, flags, -1, peer, aux, state.record().duplicate());
  }

  /** The same with another state of TCP, after more may have been received. */
  public Socket in(int tcpState) {
    return new Socket(flags, state.in(tcpState));
  }

  @Override
  public Optional<Content> content() {
    return state.listening() || state.empty()
        ? Optional.empty()
        : Optional.of(new Content("queues/" + state.inode(), Content.Kind.QUEUE, 0));
  }
}
