// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.holdfast.protocol.Gathered;
import org.holdfast.protocol.SocketState;
import org.holdfast.runner.state.Descriptors;
import org.junit.jupiter.api.Test;

final class WaitingTest {

  private static final int LISTENING = 1;
  private static final int PLACEHOLDERS = 512;

  private static Gathered process(int pid, long inode, int flags, int waiting) {
    SocketState listener =
        new SocketState(
            SocketState.UNIX,
            SocketState.STREAM,
            0,
            flags,
            waiting,
            inode,
            0,
            "/tmp/s",
            "",
            ByteBuffer.allocate(0));
    return Stage.state(pid, 1, List.of(), Descriptors.socket(3, listener));
  }

  @Test
  void whoSharesNoListenerAcceptsForItself() {
    Waiting waiting =
        Waiting.in(
            Map.of(
                7, process(7, 1, LISTENING, 2),
                8, process(8, 2, LISTENING, 1),
                9, process(9, 2, LISTENING, 1)));
    assertThat(waiting.isPresent()).isTrue();
    assertThat(waiting.acceptable()).containsExactly(7);
  }

  @Test
  void placeholdersWaitForNobody() {
    Waiting waiting =
        Waiting.in(
            Map.of(7, process(7, 1, LISTENING | PLACEHOLDERS, 2), 8, process(8, 2, LISTENING, 0)));
    assertThat(waiting.isPresent()).isFalse();
    assertThat(waiting.acceptable()).isEmpty();
  }
}
