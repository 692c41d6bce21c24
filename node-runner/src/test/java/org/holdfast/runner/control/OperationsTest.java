// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.holdfast.runner.checkpoint.Stage.ROOT;
import static org.holdfast.runner.checkpoint.Stage.state;
import static org.holdfast.runner.checkpoint.Stage.stopped;
import static org.holdfast.runner.checkpoint.Stage.tells;

import java.nio.file.Path;
import java.util.List;
import org.holdfast.image.ObjectStore;
import org.holdfast.protocol.Exited;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageType;
import org.holdfast.protocol.PeerKind;
import org.holdfast.protocol.Resumed;
import org.holdfast.protocol.SnapshotState;
import org.holdfast.runner.checkpoint.Stage;
import org.holdfast.runner.job.Phase;
import org.holdfast.runner.peer.SameUser;
import org.holdfast.runner.rehearsal.Actor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class OperationsTest {

  @TempDir Path folder;

  private Stage stage;
  private Actor root;
  private Operations operations;
  private ControlServer server;
  private Client client;

  @BeforeEach
  void open() throws Exception {
    stage = new Stage(folder);
    root = stage.process(ROOT);
    stage.await(() -> stage.job().phase() == Phase.RUNNING);
    operations =
        new Operations(stage.job(), "42", "host", new ObjectStore(folder.resolve("objects")));
    Path socket = folder.resolve("control.sock");
    server = ControlServer.open(socket, new SameUser(), operations);
    client = new Client(socket);
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    server.close(5);
    operations.close();
    stage.close();
  }

  private void quiesce() throws Exception {
    client.send("{\"id\":1,\"op\":\"quiesce\",\"epoch\":3,\"timeoutMs\":10000,\"holdMs\":0}");
    root.expect(MessageType.QUIESCE);
    stopped(root, 3);
    tells(root, 3, state(ROOT, 1, List.of()));
    JsonNode answer = client.next();
    assertThat(answer.get("ok").asBoolean()).isTrue();
    assertThat(answer.get("processes").asInt()).isEqualTo(1);
    assertThat(answer.get("threads").asInt()).isEqualTo(2);
  }

  @Test
  void statusTellsTheJob() throws Exception {
    JsonNode status = client.call("{\"id\":5,\"op\":\"status\"}");
    assertThat(status.get("id").asInt()).isEqualTo(5);
    assertThat(status.get("job").asString()).isEqualTo("42");
    assertThat(status.get("state").asString()).isEqualTo("running");
    assertThat(status.get("rootPid").asInt()).isEqualTo(ROOT);
    assertThat(status.get("namespace").asInt()).isZero();
    assertThat(status.has("exitStatus")).isFalse();
  }

  @Test
  void stepsOfACheckpoint() throws Exception {
    quiesce();
    assertThat(client.call("{\"id\":2,\"op\":\"drain\",\"epoch\":3}").get("inFlight").asInt())
        .isZero();
    client.send("{\"id\":3,\"op\":\"capture\",\"epoch\":3}");
    root.expect(MessageType.CAPTURE);
    Actor snapshot = stage.connect(ROOT, PeerKind.SNAPSHOT);
    snapshot.say(new SnapshotState(List.of(), List.of(), false).message(3));
    assertThat(client.next().get("snapshots").asInt()).isEqualTo(1);
    client.send("{\"id\":4,\"op\":\"resume\",\"epoch\":3}");
    root.expect(MessageType.RESUME);
    root.say(new Resumed(777, 2).message(3));
    assertThat(client.next().get("stopNs").asLong()).isEqualTo(777);
  }

  @Test
  void theEndOfItsConnectionAbortsACheckpoint() throws Exception {
    quiesce();
    client.close();
    assertThat(root.expect(MessageType.RESUME).epoch()).isEqualTo(3);
    root.say(new Resumed(1, 2).message(3));
    stage.await(() -> stage.job().phase() == Phase.RUNNING);
  }

  @Test
  void abortIsAnsweredWhenTheJobGoesOn() throws Exception {
    quiesce();
    client.send("{\"id\":2,\"op\":\"abort\",\"epoch\":3}");
    root.expect(MessageType.RESUME);
    root.say(new Resumed(1, 2).message(3));
    assertThat(client.next().get("ok").asBoolean()).isTrue();
  }

  @Test
  void refusalsAreOneLine() throws Exception {
    assertThat(client.call("{\"id\":1,\"op\":\"dance\"}").get("error").asString())
        .isEqualTo("'dance' is not an operation of the node runner");
    assertThat(client.call("{\"id\":1,\"op\":\"quiesce\"}").get("error").asString())
        .isEqualTo("'quiesce' needs the number 'epoch'");
    assertThat(client.call("{\"id\":1,\"op\":\"resume\",\"epoch\":9}").get("error").asString())
        .isEqualTo("no checkpoint is under way");
    quiesce();
    assertThat(client.call("{\"id\":1,\"op\":\"resume\",\"epoch\":9}").get("error").asString())
        .isEqualTo("epoch 9 is not under way");
  }

  @Test
  void anAttachedClientHearsWhatHappensAndIsDetachedAtItsEnd() throws Exception {
    assertThat(client.call("{\"id\":1,\"op\":\"attach\"}").get("ok").asBoolean()).isTrue();
    JsonNode started = client.next();
    assertThat(started.get("event").asString()).isEqualTo("started");
    assertThat(started.get("rootPid").asInt()).isEqualTo(ROOT);
    stage.init().say(new Exited(256).message());
    JsonNode exited = client.next();
    assertThat(exited.get("event").asString()).isEqualTo("exited");
    assertThat(exited.get("status").asInt()).isEqualTo(256);
    client.close();
    stage.init().expect(MessageType.DETACH);
  }

  @Test
  void whatHappenedBeforeIsToldToo() throws Exception {
    stage.init().say(new Exited(9).message());
    stage.init().say(Message.of(MessageType.EMPTY, 0));
    stage.await(() -> stage.job().phase() == Phase.ENDED);
    JsonNode status = client.call("{\"id\":1,\"op\":\"attach\"}");
    assertThat(status.get("state").asString()).isEqualTo("ended");
    assertThat(status.get("exitStatus").asInt()).isEqualTo(9);
    assertThat(client.next().get("event").asString()).isEqualTo("started");
    assertThat(client.next().get("status").asInt()).isEqualTo(9);
    assertThat(client.next().get("event").asString()).isEqualTo("ended");
  }

  @Test
  void aFailureIsToldWithItsReason() throws Exception {
    client.call("{\"id\":1,\"op\":\"attach\"}");
    client.next();
    stage.init().say(Message.text(MessageType.FAILED, 0, "cannot execute nothing"));
    JsonNode failed = client.next();
    assertThat(failed.get("event").asString()).isEqualTo("failed");
    assertThat(failed.get("error").asString()).isEqualTo("cannot execute nothing");
  }

  @Test
  void signalsAndWindowSizesGoToTheInitialProcess() throws Exception {
    client.call("{\"id\":1,\"op\":\"signal\",\"signal\":15}");
    assertThat(stage.init().expect(MessageType.SIGNAL).body().getInt()).isEqualTo(15);
    client.call("{\"id\":2,\"op\":\"window\"}");
    stage.init().expect(MessageType.WINDOW);
  }

  @Test
  void garbageEndsOnlyItsOwnConnection() throws Exception {
    try (Client other = new Client(folder.resolve("control.sock"))) {
      other.send("this is not JSON");
      assertThat(client.call("{\"id\":1,\"op\":\"status\"}").get("ok").asBoolean()).isTrue();
    }
  }
}
