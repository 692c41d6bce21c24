// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.holdfast.protocol.SocketState;
import org.holdfast.protocol.TcpState;
import org.holdfast.runner.state.Connections.Other;
import org.holdfast.runner.state.Connections.Side;
import org.junit.jupiter.api.Test;

final class ConnectionsTest {

  private static final int LISTENING = 1;
  private static final int CONNECTED = 2;

  private static SocketState tcp(long inode, int state, String local, String remote) {
    return new SocketState(
        SocketState.INET,
        SocketState.STREAM,
        state,
        CONNECTED,
        0,
        inode,
        0,
        local,
        remote,
        ByteBuffer.allocate(0));
  }

  private static SocketState tcpListener(long inode, String local, int waiting) {
    return new SocketState(
        SocketState.INET,
        SocketState.STREAM,
        10,
        LISTENING,
        waiting,
        inode,
        0,
        local,
        "",
        ByteBuffer.allocate(0));
  }

  private static SocketState unix(int type, long inode, long peer, String local, String remote) {
    return new SocketState(
        SocketState.UNIX,
        type,
        0,
        CONNECTED,
        0,
        inode,
        peer,
        local,
        remote,
        ByteBuffer.allocate(0));
  }

  @Test
  void bothEndsOfATcpConnectionFindEachOther() {
    SocketState a = tcp(1, TcpState.ESTABLISHED, "127.0.0.1:5", "127.0.0.1:6");
    SocketState b = tcp(2, TcpState.ESTABLISHED, "127.0.0.1:6", "127.0.0.1:5");
    Connections connections = new Connections(List.of(a, b));
    assertThat(connections.of(a)).isEqualTo(new Other(Side.PEER, 2));
    assertThat(connections.of(b)).isEqualTo(new Other(Side.PEER, 1));
  }

  @Test
  void aConnectionWithoutItsOtherEndLeavesTheJob() {
    SocketState a = tcp(1, TcpState.ESTABLISHED, "10.0.0.1:5", "10.0.0.2:6");
    assertThat(new Connections(List.of(a)).of(a)).isEqualTo(new Other(Side.OUTSIDE, 0));
  }

  @Test
  void aConnectionToAListenerWithABacklogWaits() {
    SocketState a = tcp(1, TcpState.ESTABLISHED, "127.0.0.1:5", "127.0.0.1:6");
    SocketState listener = tcpListener(2, "0.0.0.0:6", 1);
    assertThat(new Connections(List.of(a, listener)).of(a)).isEqualTo(new Other(Side.WAITING, 0));
  }

  @Test
  void aConnectionToAListenerWithoutABacklogIsSomebodyElses() {
    SocketState a = tcp(1, TcpState.ESTABLISHED, "127.0.0.1:5", "127.0.0.1:6");
    SocketState listener = tcpListener(2, "0.0.0.0:6", 0);
    assertThat(new Connections(List.of(a, listener)).of(a)).isEqualTo(new Other(Side.OUTSIDE, 0));
  }

  @Test
  void whatThePeerHasClosedIsNotReset() {
    SocketState a = tcp(1, TcpState.CLOSE_WAIT, "127.0.0.1:5", "127.0.0.1:6");
    assertThat(new Connections(List.of(a)).of(a)).isEqualTo(new Other(Side.CLOSED, 0));
  }

  @Test
  void unixPairsAreFoundByInode() {
    SocketState a = unix(SocketState.STREAM, 1, 2, "", "");
    SocketState b = unix(SocketState.STREAM, 2, 1, "", "");
    assertThat(new Connections(List.of(a, b)).of(a)).isEqualTo(new Other(Side.PEER, 2));
  }

  @Test
  void datagramsToANameNeedNoPeer() {
    SocketState a = unix(SocketState.DATAGRAM, 1, 2, "", "/tmp/name");
    SocketState b = unix(SocketState.DATAGRAM, 2, 0, "/tmp/name", "");
    assertThat(new Connections(List.of(a, b)).of(a)).isEqualTo(new Other(Side.NONE, 0));
  }

  @Test
  void aUnixConnectionWhoseOtherEndIsGoneIsClosed() {
    SocketState a = unix(SocketState.STREAM, 1, 0, "", "/tmp/name");
    assertThat(new Connections(List.of(a)).of(a)).isEqualTo(new Other(Side.CLOSED, 0));
  }
}
