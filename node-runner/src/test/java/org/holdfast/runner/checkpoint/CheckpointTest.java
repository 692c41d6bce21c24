// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.runner.checkpoint.Stage.ROOT;
import static org.holdfast.runner.checkpoint.Stage.state;
import static org.holdfast.runner.checkpoint.Stage.stopped;
import static org.holdfast.runner.checkpoint.Stage.tells;

import java.io.EOFException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.holdfast.image.ObjectStore;
import org.holdfast.protocol.ChildState;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.Kcmp;
import org.holdfast.protocol.MemoryRange;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageType;
import org.holdfast.protocol.PeerKind;
import org.holdfast.protocol.Resumed;
import org.holdfast.protocol.SnapshotState;
import org.holdfast.runner.job.Phase;
import org.holdfast.runner.rehearsal.Actor;
import org.holdfast.runner.state.Descriptors;
import org.holdfast.runner.state.MapsLine;
import org.holdfast.runner.state.MapsReader;
import org.holdfast.runner.state.Refusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CheckpointTest {

  private static final int EPOCH = 7;
  private static final int CHILD = ROOT + 10;
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(300);

  @TempDir Path folder;

  private Stage stage;
  private Actor root;
  private Checkpoint checkpoint;

  @BeforeEach
  void open() throws Exception {
    stage = new Stage(folder);
    root = stage.process(ROOT);
    stage.await(() -> stage.job().phase() == Phase.RUNNING);
    checkpoint = Checkpoint.begin(stage.job(), EPOCH, "host");
  }

  @AfterEach
  void close() throws Exception {
    stage.close();
  }

  private static <T> Future<T> start(Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    Thread thread = new Thread(future);
    thread.setDaemon(true);
    thread.start();
    return future;
  }

  private Future<Checkpoint.Count> quiesce(Duration timeout) {
    return start(() -> checkpoint.quiesce(timeout, Duration.ZERO));
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  private static ChildState running(int pid) {
    return new ChildState(pid, false, 0);
  }

  /** Brings the root alone to a stop. */
  private void quiesceRoot() throws Exception {
    Future<Checkpoint.Count> count = quiesce(LONG);
    root.expect(MessageType.QUIESCE);
    stopped(root, EPOCH);
    tells(root, EPOCH, state(ROOT, 1, List.of()));
    get(count);
  }

  private Actor snapshot(int pid) throws Exception {
    Actor snapshot = stage.connect(pid, PeerKind.SNAPSHOT);
    snapshot.say(new SnapshotState(List.of(), List.of(), false).message(EPOCH));
    return snapshot;
  }

  private void goesOn(Actor process) throws Exception {
    assertThat(process.expect(MessageType.RESUME).epoch()).isEqualTo(EPOCH);
    process.say(new Resumed(1000, 2).message(EPOCH));
  }

  @Test
  void takesAJobThroughAllSteps() throws Exception {
    Actor child = stage.process(CHILD);
    Future<Checkpoint.Count> count = quiesce(LONG);
    for (Actor process : List.of(root, child)) {
      Message request = process.expect(MessageType.QUIESCE);
      assertThat(request.body().getInt()).as("before the runner gives up").isEqualTo(18_000);
    }
    stopped(root, EPOCH, running(CHILD));
    stopped(child, EPOCH);
    DescriptorState out = Descriptors.file(1, 1, 5, 9, "/tmp/out");
    tells(root, EPOCH, state(ROOT, 1, List.of(running(CHILD)), out));
    tells(child, EPOCH, state(CHILD, ROOT, List.of(), out));
    assertThat(root.expect(MessageType.KCMP).payload().remaining()).isEqualTo(16);
    root.say(Kcmp.result(EPOCH, true));
    assertThat(get(count)).isEqualTo(new Checkpoint.Count(2, 4));
    assertThat(stage.job().phase()).isEqualTo(Phase.QUIESCED);

    Future<Integer> snapshots = start(() -> checkpoint.capture(LONG));
    root.expect(MessageType.CAPTURE);
    child.expect(MessageType.CAPTURE);
    snapshot(ROOT);
    snapshot(CHILD);
    assertThat(get(snapshots)).isEqualTo(2);

    Future<Long> resumed = start(() -> checkpoint.resume());
    root.expect(MessageType.RESUME);
    child.expect(MessageType.RESUME);
    root.say(new Resumed(5000, 2).message(EPOCH));
    child.say(new Resumed(9000, 2).message(EPOCH));
    assertThat(get(resumed)).isEqualTo(9000);
    assertThat(stage.job().phase()).isEqualTo(Phase.WRITING);
  }

  @Test
  void writesTheImageOfASnapshot() throws Exception {
    List<MapsLine> own = MapsReader.all(Files.readString(Path.of("/proc/self/maps")));
    MapsLine code =
        own.stream()
            .filter(line -> line.path().endsWith("/libjvm.so") && line.permissions().equals("r-xp"))
            .findFirst()
            .orElseThrow();
    String maps =
        "%s r-xp %08x 00:00 %d %s\n"
            .formatted(code.range(), code.offset(), code.file().inode(), code.path());
    Future<Checkpoint.Count> count = quiesce(LONG);
    root.expect(MessageType.QUIESCE);
    stopped(root, EPOCH);
    tells(root, EPOCH, state(ROOT, 1, List.of(), maps));
    get(count);
    Future<Integer> captured = start(() -> checkpoint.capture(LONG));
    root.expect(MessageType.CAPTURE);
    // The snapshot's memory is this process's own.
    int self = Math.toIntExact(ProcessHandle.current().pid());
    Actor snapshot = Actor.connect(stage.socket(), ROOT, PeerKind.SNAPSHOT, self);
    snapshot.say(new SnapshotState(List.of(), List.of(), false).message(EPOCH));
    get(captured);
    Future<Long> resumed = start(() -> checkpoint.resume());
    goesOn(root);
    get(resumed);

    MemoryRange page = new MemoryRange(code.range().start() + 4096, code.range().start() + 8192);
    snapshot.say(new SnapshotState(List.of(), List.of(page), true).message(EPOCH));
    Written written =
        checkpoint.write(
            folder, new ObjectStore(folder.resolve("objects")), 1, 1, (bytes, total) -> {});
    assertThat(written.images()).hasSize(1);
    assertThat(written.images().get(0).memory())
        .singleElement()
        .satisfies(entry -> assertThat(entry.start()).isEqualTo(page.start()));
    assertThat(written.images().get(0).entries())
        .extracting("name")
        .containsExactly(
            "process.json", "threads.json", "descriptors.json", "ipc.json", "maps.json");
    assertThat(written.processes())
        .singleElement()
        .extracting("pid", "threads")
        .containsExactly(ROOT, 2);
    assertThat(folder.resolve("host").resolve(ROOT + ".tar.zst")).isNotEmptyFile();
    assertThatThrownBy(() -> snapshot.expect(MessageType.GO)).isInstanceOf(EOFException.class);
    assertThat(checkpoint.isOver()).isTrue();
    assertThat(stage.job().phase()).isEqualTo(Phase.RUNNING);
    snapshot.close();
  }

  @Test
  void oneThatRefusesLetsAllGoOn() throws Exception {
    Actor child = stage.process(CHILD);
    Future<Checkpoint.Count> count = quiesce(LONG);
    root.expect(MessageType.QUIESCE);
    stopped(root, EPOCH, running(CHILD));
    child.expect(MessageType.QUIESCE);
    child.say(Message.text(MessageType.REFUSED, EPOCH, "thread 9 blocks every signal"));
    assertThatThrownBy(() -> get(count))
        .hasRootCauseInstanceOf(Refusal.class)
        .hasMessageContaining("process %d: thread 9 blocks every signal".formatted(CHILD));
    goesOn(root);
    stage.await(() -> stage.job().phase() == Phase.RUNNING);
    assertThat(Checkpoint.begin(stage.job(), EPOCH + 1, "host")).isNotNull();
  }

  @Test
  void aChildThatConnectsLateIsStoppedToo() throws Exception {
    Future<Checkpoint.Count> count = quiesce(LONG);
    root.expect(MessageType.QUIESCE);
    // It really is there, but has not said hello yet.
    stopped(root, EPOCH, running(stage.realPid()));
    Actor late = stage.process(stage.realPid());
    late.expect(MessageType.QUIESCE);
    stopped(late, EPOCH);
    tells(root, EPOCH, state(ROOT, 1, List.of(running(stage.realPid()))));
    tells(late, EPOCH, state(stage.realPid(), ROOT, List.of()));
    assertThat(get(count).processes()).isEqualTo(2);
  }

  @Test
  void aChildWithoutAnInterceptorIsRefusedByName() throws Exception {
    Future<Checkpoint.Count> count = quiesce(SHORT);
    root.expect(MessageType.QUIESCE);
    stopped(root, EPOCH, running(stage.realPid()));
    assertThatThrownBy(() -> get(count))
        .hasRootCauseInstanceOf(Refusal.class)
        .hasMessageContaining("process %d (sleep) has no interceptor".formatted(stage.realPid()));
    goesOn(root);
  }

  @Test
  void aChildThatEndedSinceItsParentStoppedIsNotWaitedFor() throws Exception {
    Future<Checkpoint.Count> count = quiesce(LONG);
    root.expect(MessageType.QUIESCE);
    stopped(root, EPOCH, running(CHILD)); // no such process
    tells(root, EPOCH, state(ROOT, 1, List.of()));
    assertThat(get(count).processes()).isEqualTo(1);
  }

  @Test
  void anOrphanLeftToASubreaperMakesItStartOver() throws Exception {
    int orphan = stage.realPid();
    Future<Checkpoint.Count> count = quiesce(LONG);
    root.expect(MessageType.QUIESCE);
    stopped(root, EPOCH);
    tells(root, EPOCH, state(ROOT, 1, List.of(running(orphan))));
    goesOn(root);
    Actor late = stage.process(orphan);
    root.expect(MessageType.QUIESCE);
    stopped(root, EPOCH, running(orphan));
    late.expect(MessageType.QUIESCE);
    stopped(late, EPOCH);
    tells(root, EPOCH, state(ROOT, 1, List.of(running(orphan))));
    tells(late, EPOCH, state(orphan, ROOT, List.of()));
    assertThat(get(count).processes()).isEqualTo(2);
  }

  @Test
  void aProcessThatEndsWhileAskedIsNotWaitedFor() throws Exception {
    Actor child = stage.process(CHILD);
    Future<Checkpoint.Count> count = quiesce(LONG);
    child.expect(MessageType.QUIESCE);
    child.close();
    root.expect(MessageType.QUIESCE);
    stopped(root, EPOCH);
    tells(root, EPOCH, state(ROOT, 1, List.of()));
    assertThat(get(count).processes()).isEqualTo(1);
  }

  @Test
  void anAnswerToAnEarlierRequestIsNotTakenForThisOne() throws Exception {
    Future<Checkpoint.Count> count = quiesce(SHORT);
    root.expect(MessageType.QUIESCE);
    assertThatThrownBy(() -> get(count)).hasMessageContaining("did not come to a stop");
    Checkpoint next = Checkpoint.begin(stage.job(), EPOCH + 1, "host");
    Future<Checkpoint.Count> second = start(() -> next.quiesce(LONG, Duration.ZERO));
    stopped(root, EPOCH);
    root.expect(MessageType.RESUME);
    root.say(new Resumed(1, 2).message(EPOCH));
    assertThat(root.expect(MessageType.QUIESCE).epoch()).isEqualTo(EPOCH + 1);
    stopped(root, EPOCH + 1);
    tells(root, EPOCH + 1, state(ROOT, 1, List.of()));
    assertThat(get(second).processes()).isEqualTo(1);
  }

  @Test
  void aDescriptorThatCannotBeRestoredIsRefusedByProcessAndNumber() throws Exception {
    Future<Checkpoint.Count> count = quiesce(LONG);
    root.expect(MessageType.QUIESCE);
    stopped(root, EPOCH);
    tells(
        root,
        EPOCH,
        state(ROOT, 1, List.of(), Descriptors.other(7, 0600, 0, "anon_inode:inotify", "")));
    assertThatThrownBy(() -> get(count))
        .hasMessageContaining(
            "process %d: descriptor 7 is an inotify instance, which cannot be restored yet"
                .formatted(ROOT));
    goesOn(root);
  }

  @Test
  void abortLetsAllGoOnAndEndsTheSnapshots() throws Exception {
    quiesceRoot();
    Future<Integer> captured = start(() -> checkpoint.capture(LONG));
    root.expect(MessageType.CAPTURE);
    Actor snapshot = snapshot(ROOT);
    get(captured);
    checkpoint.abort();
    goesOn(root);
    checkpoint.awaitOpen();
    assertThatThrownBy(() -> snapshot.expect(MessageType.GO)).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> checkpoint.resume())
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("was given up");
    assertThat(stage.job().phase()).isEqualTo(Phase.RUNNING);
  }

  @Test
  void aSnapshotThatFailsLetsTheJobGoOn() throws Exception {
    quiesceRoot();
    Future<Integer> captured = start(() -> checkpoint.capture(LONG));
    root.expect(MessageType.CAPTURE);
    Actor snapshot = stage.connect(ROOT, PeerKind.SNAPSHOT);
    snapshot.say(Message.text(MessageType.REFUSED, EPOCH, "the snapshot cannot copy a pipe"));
    assertThatThrownBy(() -> get(captured)).hasMessageContaining("cannot copy a pipe");
    goesOn(root);
  }

  @Test
  void aProcessThatDiesWhileItStandsStillEndsTheCheckpoint() throws Exception {
    quiesceRoot();
    Future<Integer> captured = start(() -> checkpoint.capture(LONG));
    root.expect(MessageType.CAPTURE);
    root.close();
    assertThatThrownBy(() -> get(captured)).hasMessageContaining("ended while it stood still");
  }

  @Test
  void stepsOutOfOrderAreRefused() throws Exception {
    assertThatThrownBy(() -> checkpoint.resume()).isInstanceOf(Refusal.class);
    assertThatThrownBy(() -> Checkpoint.begin(stage.job(), EPOCH + 1, "host"))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("another checkpoint");
  }

  @Test
  void haltingNeedsTheImages() throws Exception {
    quiesceRoot();
    Future<Integer> captured = start(() -> checkpoint.capture(LONG));
    root.expect(MessageType.CAPTURE);
    snapshot(ROOT);
    get(captured);
    assertThatThrownBy(() -> checkpoint.halt(() -> {}))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("after its images are written");
  }

  @Test
  void theEndOfTheInitialProcessEndsTheJob() throws Exception {
    stage.init().close();
    stage.await(() -> stage.job().phase() == Phase.ENDED);
    assertThat(stage.job().failure())
        .hasValueSatisfying(reason -> assertThat(reason).contains("initial process"));
    assertThatThrownBy(() -> get(quiesce(LONG))).hasRootCauseInstanceOf(Refusal.class);
  }
}
