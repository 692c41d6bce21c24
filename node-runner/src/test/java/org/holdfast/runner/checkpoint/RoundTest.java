// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.runner.checkpoint.Stage.ROOT;
import static org.holdfast.runner.checkpoint.Stage.stopped;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageType;
import org.holdfast.protocol.ProtocolException;
import org.holdfast.runner.job.Operation;
import org.holdfast.runner.peer.Peer;
import org.holdfast.runner.rehearsal.Actor;
import org.holdfast.runner.state.Refusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class RoundTest {

  private static final int EPOCH = 7;
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir Path folder;

  private Stage stage;
  private Actor root;
  private Round<Boolean> round;

  @BeforeEach
  void stopTheRoot() throws Exception {
    stage = new Stage(folder);
    root = stage.process(ROOT);
    FutureTask<Object> stopped =
        start(() -> new Barrier(stage.job(), EPOCH).close(LONG, Duration.ZERO));
    root.expect(MessageType.QUIESCE);
    stopped(root, EPOCH);
    stopped.get(30, TimeUnit.SECONDS);
    round =
        new Round<>(stage.job(), EPOCH, MessageType.DRAIN, MessageType.DRAINED, message -> true);
    stage.job().begin(new Forwarding(round));
  }

  @AfterEach
  void close() throws Exception {
    stage.close();
  }

  @Test
  void aProcessThatIsHeardOfLateIsNotWaitedFor() throws Exception {
    stage.process(ROOT + 10);
    FutureTask<Map<Integer, Boolean>> answer =
        start(() -> round.ask(Set.of(ROOT), pid -> "process " + pid, LONG));
    root.expect(MessageType.DRAIN);
    root.say(Message.of(MessageType.DRAINED, EPOCH));
    assertThat(answer.get(30, TimeUnit.SECONDS)).containsExactly(Map.entry(ROOT, true));
  }

  @Test
  void aProcessThatEndsMeanwhileIsNamed() throws Exception {
    FutureTask<Map<Integer, Boolean>> answer =
        start(() -> round.ask(Set.of(ROOT), pid -> "process " + pid, LONG));
    root.expect(MessageType.DRAIN);
    root.close();
    assertThatThrownBy(() -> answer.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(Refusal.class)
        .hasMessageContaining("process %d ended or fell silent while it stood still", ROOT);
  }

  @Test
  void aProcessThatRefusesIsNamed() throws Exception {
    FutureTask<Map<Integer, Boolean>> answer =
        start(() -> round.ask(Set.of(ROOT), pid -> "process " + pid, LONG));
    root.expect(MessageType.DRAIN);
    root.say(Message.text(MessageType.REFUSED, EPOCH, "it has too much"));
    assertThatThrownBy(() -> answer.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(Refusal.class)
        .hasMessageContaining("process %d: it has too much", ROOT);
  }

  private static <T> FutureTask<T> start(Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    new Thread(future).start();
    return future;
  }

  private record Forwarding(Round<Boolean> round) implements Operation {
    @Override
    public void connected(Peer peer) {}

    @Override
    public void received(Peer peer, Message message) throws ProtocolException {
      round.received(peer, message);
    }

    @Override
    public void closed(Peer peer) {}
  }
}
