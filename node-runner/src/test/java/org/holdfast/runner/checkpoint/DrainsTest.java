// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.runner.checkpoint.Stage.ROOT;
import static org.holdfast.runner.checkpoint.Stage.state;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageType;
import org.holdfast.protocol.StreamState;
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
final class DrainsTest {

  private static final int EPOCH = 7;
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir Path folder;

  private Stage stage;
  private Actor root;
  private Drains drains;

  @BeforeEach
  void stopTheRoot() throws Exception {
    stage = new Stage(folder);
    root = stage.process(ROOT);
    FutureTask<Object> stopped =
        start(() -> new Barrier(stage.job(), EPOCH).close(LONG, Duration.ZERO));
    root.expect(MessageType.QUIESCE);
    root.say(state(ROOT, 1, List.of()).message(EPOCH));
    stopped.get(30, TimeUnit.SECONDS);
    drains = new Drains(stage.job(), EPOCH);
    stage.job().begin(new Forwarding(drains));
  }

  @AfterEach
  void close() throws Exception {
    stage.close();
  }

  @Test
  void aProcessThatIsHeardOfLateIsNotWaitedFor() throws Exception {
    stage.process(ROOT + 10);
    FutureTask<Map<Holder, StreamState>> answer = start(() -> drains.ask(Set.of(ROOT), LONG));
    root.expect(MessageType.DRAIN);
    root.say(new Message(MessageType.DRAINED, EPOCH, ByteBuffer.allocate(32)));
    assertThat(answer.get(30, TimeUnit.SECONDS)).containsOnlyKeys(new Holder(ROOT, 0));
  }

  @Test
  void aProcessThatEndsMeanwhileIsNamed() throws Exception {
    FutureTask<Map<Holder, StreamState>> answer = start(() -> drains.ask(Set.of(ROOT), LONG));
    root.expect(MessageType.DRAIN);
    root.close();
    assertThatThrownBy(() -> answer.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(Refusal.class)
        .hasMessageContaining("process %d does not empty its connections", ROOT);
  }

  private static <T> FutureTask<T> start(Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    new Thread(future).start();
    return future;
  }

  private record Forwarding(Drains drains) implements Operation {
    @Override
    public void connected(Peer peer) {}

    @Override
    public void received(Peer peer, Message message) {
      drains.received(peer, message);
    }

    @Override
    public void closed(Peer peer) {}
  }
}
