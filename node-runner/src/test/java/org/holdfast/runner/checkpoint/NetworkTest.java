// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.holdfast.protocol.SocketState;
import org.holdfast.protocol.StreamState;
import org.holdfast.protocol.TcpState;
import org.holdfast.runner.state.OpenDescriptor;
import org.holdfast.runner.state.Refusal;
import org.holdfast.runner.state.Socket;
import org.junit.jupiter.api.Test;

final class NetworkTest {

  private static final int CONNECTED = 2;

  private static OpenDescriptor connection(int fd, long inode, String local, String remote) {
    SocketState state =
        new SocketState(
            SocketState.INET,
            SocketState.STREAM,
            TcpState.ESTABLISHED,
            CONNECTED,
            0,
            inode,
            0,
            local,
            remote,
            ByteBuffer.allocate(0));
    return new OpenDescriptor(fd, 0, fd, new Socket(2, state));
  }

  @Test
  void connectionsThatLeaveTheJobAreNamed() {
    Network network = new Network(Map.of(7, List.of(connection(3, 1, "10.0.0.1:5", "10.0.0.2:6"))));
    assertThat(network.outside()).containsExactly("tcp 10.0.0.1:5 to 10.0.0.2:6");
    assertThatThrownBy(() -> network.refuseOutside(pid -> "process " + pid))
        .isInstanceOf(Refusal.class)
        .hasMessage(
            "process 7: descriptor 3 is the connection tcp 10.0.0.1:5 to 10.0.0.2:6, which leaves"
                + " the job: a restart could only reset it (--external fail)");
  }

  @Test
  void thoseInsideAreNot() {
    Network network = inside();
    assertThat(network.outside()).isEmpty();
    assertThatCode(() -> network.refuseOutside(pid -> "process " + pid)).doesNotThrowAnyException();
  }

  @Test
  void whatWaitsInTheSenderIsInFlight() {
    StreamState sender = new StreamState(3, TcpState.ESTABLISHED, 100, 20, 0);
    StreamState receiver = new StreamState(4, TcpState.ESTABLISHED, 0, 0, 90);
    Network network = inside();
    assertThat(network.inFlight(network.progress(between(sender, receiver)))).isPositive();
  }

  @Test
  void whatIsAllThereStaysAsItIsToldOnce() {
    assertThat(isMoving(TcpState.ESTABLISHED, 100)).isFalse();
    assertThat(isMoving(TcpState.ESTABLISHED, 99)).isTrue();
    assertThat(isMoving(TcpState.FIN_WAIT1, 100)).isTrue();
  }

  private static boolean isMoving(int state, long received) {
    Network network = inside();
    return network.isMoving(
        network.progress(
            between(
                new StreamState(3, state, 100, 0, 0),
                new StreamState(4, TcpState.ESTABLISHED, 0, 0, received))));
  }

  private static Map<Holder, StreamState> between(StreamState sender, StreamState receiver) {
    return Map.of(new Holder(7, 3), sender, new Holder(8, 4), receiver);
  }

  private static Network inside() {
    return new Network(
        Map.of(
            7, List.of(connection(3, 1, "127.0.0.1:5", "127.0.0.1:6")),
            8, List.of(connection(4, 2, "127.0.0.1:6", "127.0.0.1:5"))));
  }
}
