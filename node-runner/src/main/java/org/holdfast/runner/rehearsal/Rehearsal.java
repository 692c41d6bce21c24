// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.rehearsal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.holdfast.protocol.BlobState;
import org.holdfast.protocol.Gathered;
import org.holdfast.protocol.Kcmp;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageType;
import org.holdfast.protocol.Namespace;
import org.holdfast.protocol.PeerKind;
import org.holdfast.protocol.Quiesced;
import org.holdfast.protocol.Resumed;
import org.holdfast.protocol.SnapshotState;
import org.holdfast.protocol.Started;
import org.holdfast.runner.checkpoint.Checkpoint;
import org.holdfast.runner.job.Job;
import org.holdfast.runner.job.Phase;
import org.holdfast.runner.peer.PeerServer;
import org.holdfast.runner.peer.SameUser;
import org.holdfast.runner.state.Refusal;

/**
 * Checkpoints a job of actors over a socket of its own, again and again, until the code that runs
 * while a job stands still is compiled: a job's first checkpoint would stop it ten times as long as
 * the next.
 */
public final class Rehearsal {

  private static final Logger LOG = Logger.getLogger(Rehearsal.class.getName());
  private static final int PARENT = 0x40000001; // Numbers that no process has.
  private static final int CHILD = 0x40000002;
  private static final int KCMP_QUESTION = 16;

  /** On a slow machine the job needs the processor more. */
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private static final int MOST_ROUNDS = 150;
  private static final int FAST_ROUNDS = 10;
  private static final Duration FAST = Duration.ofMillis(4);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final Path socket;
  private final SameUser sameUser;
  private final Job real;

  /**
   * @param socket where to listen; made and removed
   * @param sameUser who may connect
   * @param real the real job: the rehearsal ends when that one is busy
   */
  public Rehearsal(Path socket, SameUser sameUser, Job real) {
    this.socket = socket;
    this.sameUser = sameUser;
    this.real = real;
  }

  /** Rehearses in a thread of its own. A rehearsal that fails is logged, and does no harm. */
  public void start() {
    Thread thread =
        new Thread(
            () -> {
              try {
                run();
              } catch (IOException | Refusal | InterruptedException | RuntimeException e) {
                LOG.log(Level.WARNING, "the rehearsal failed", e);
              }
            },
            "rehearsal");
    thread.setDaemon(true);
    thread.start();
  }

  void run() throws IOException, Refusal, InterruptedException {
    long begin = System.nanoTime();
    Files.deleteIfExists(socket);
    Job job = new Job(Optional.empty(), Optional.empty());
    PeerServer server = PeerServer.open(socket, sameUser, job);
    try (Cast cast = new Cast()) {
      awaitConnected(job);
      int fast = 0;
      int round = 0;
      while (round < MOST_ROUNDS
          && fast < FAST_ROUNDS
          && real.phase() == Phase.RUNNING
          && System.nanoTime() - begin < LONGEST.toNanos()) {
        round++;
        fast = round(job, cast, round) < FAST.toNanos() ? fast + 1 : 0;
      }
    } finally {
      server.close();
      Files.deleteIfExists(socket);
    }
    LOG.info(
        "ready for checkpoints after %d ms".formatted((System.nanoTime() - begin) / 1_000_000));
  }

  private static void awaitConnected(Job job) throws Refusal, InterruptedException {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    synchronized (job) {
      while (job.members().size() < 2 || job.started().isEmpty()) {
        if (!job.awaitChange(deadline)) {
          throw new Refusal("the actors do not connect");
        }
      }
    }
  }

  /** Returns how long the actors stood still, nanoseconds. */
  private static long round(Job job, Cast cast, int epoch)
      throws Refusal, IOException, InterruptedException {
    FutureTask<Void> playing =
        new FutureTask<>(
            () -> {
              cast.play(epoch);
              return null;
            });
    Thread stage = new Thread(playing, "actors");
    stage.setDaemon(true);
    stage.start();
    long begin = System.nanoTime();
    Checkpoint checkpoint = Checkpoint.begin(job, epoch, "rehearsal");
    checkpoint.quiesce(TIMEOUT, Duration.ZERO);
    checkpoint.capture(TIMEOUT);
    checkpoint.resume();
    long took = System.nanoTime() - begin;
    checkpoint.abort();
    stage.join();
    return took;
  }

  /** The actors: an initial process, a process and its child. */
  private final class Cast implements AutoCloseable {

    private final Actor init =
        Actor.connect(socket, Math.toIntExact(ProcessHandle.current().pid()), PeerKind.INIT);
    private final Actor parent = Actor.connect(socket, PARENT, PeerKind.PROCESS);
    private final Actor child = Actor.connect(socket, CHILD, PeerKind.PROCESS);
    private final Gathered parentState = Script.of(PARENT, CHILD);
    private final Gathered childState = Script.of(CHILD, 0);

    Cast() throws IOException {
      init.say(new Started(PARENT, Namespace.HOST, 0).message());
    }

    void play(int epoch) throws IOException {
      parent.expect(MessageType.QUIESCE);
      parent.say(new Quiesced(parentState.children()).message(epoch));
      child.expect(MessageType.QUIESCE);
      child.say(new Quiesced(List.of()).message(epoch));
      parent.expect(MessageType.GATHER);
      parent.say(parentState.message(epoch));
      child.expect(MessageType.GATHER);
      child.say(childState.message(epoch));
      Message question = parent.expect(MessageType.KCMP);
      boolean[] same = new boolean[question.payload().remaining() / KCMP_QUESTION];
      Arrays.fill(same, true);
      parent.say(Kcmp.result(epoch, same));
      List<Actor> snapshots = new ArrayList<>();
      try {
        for (Actor actor : List.of(parent, child)) {
          actor.expect(MessageType.CAPTURE);
          Actor snapshot =
              Actor.connect(socket, actor == parent ? PARENT : CHILD, PeerKind.SNAPSHOT);
          snapshots.add(snapshot);
          snapshot.say(new SnapshotState(List.<BlobState>of(), List.of(), false).message(epoch));
        }
        for (Actor actor : List.of(parent, child)) {
          actor.expect(MessageType.RESUME);
          actor.say(new Resumed(1, 1).message(epoch));
        }
      } finally {
        for (Actor snapshot : snapshots) {
          snapshot.close();
        }
      }
    }

    @Override
    public void close() throws IOException {
      init.say(Message.of(MessageType.EMPTY, 0));
      init.close();
      parent.close();
      child.close();
    }
  }
}
