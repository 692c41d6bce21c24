// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.holdfast.protocol.ChildState;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.Gathered;
import org.holdfast.protocol.MessageType;
import org.holdfast.protocol.Namespace;
import org.holdfast.protocol.PeerKind;
import org.holdfast.protocol.ProcessState;
import org.holdfast.protocol.Quiesced;
import org.holdfast.protocol.Started;
import org.holdfast.protocol.ThreadState;
import org.holdfast.runner.job.Job;
import org.holdfast.runner.peer.PeerServer;
import org.holdfast.runner.peer.SameUser;
import org.holdfast.runner.rehearsal.Actor;

/**
 * A job whose processes are actors on a real socket. Its initial process's number is that of a real
 * process without children; numbers of actors are such that no process has.
 */
public final class Stage implements AutoCloseable {

  /** The job's root. */
  public static final int ROOT = 0x40000064;

  private final Path socket;
  private final Process real;
  private final PeerServer server;
  private final List<Actor> actors = new ArrayList<>();
  private final Job job = new Job(Optional.empty(), Optional.empty());
  private final Actor init;

  public Stage(Path folder) throws IOException {
    socket = folder.resolve("job.sock");
    real = new ProcessBuilder("sleep", "1000").start();
    server = PeerServer.open(socket, new SameUser(), job);
    init = connect(Math.toIntExact(real.pid()), PeerKind.INIT);
    init.say(new Started(ROOT, Namespace.HOST, 0).message());
  }

  public Job job() {
    return job;
  }

  public Actor init() {
    return init;
  }

  public Path socket() {
    return socket;
  }

  /** The number of a process that really is there. */
  public int realPid() {
    return Math.toIntExact(real.pid());
  }

  /** A process of the job, connected. */
  public Actor process(int pid) throws Exception {
    Actor actor = connect(pid, PeerKind.PROCESS);
    await(() -> job.members().stream().anyMatch(member -> member.pid() == pid));
    return actor;
  }

  public Actor connect(int pid, PeerKind kind) throws IOException {
    Actor actor = Actor.connect(socket, pid, kind);
    actors.add(actor);
    return actor;
  }

  /** The state of a process without memory. */
  public static Gathered state(
      int pid, int ppid, List<ChildState> children, DescriptorState... fds) {
    return state(pid, ppid, children, "", fds);
  }

  /** The state of a process. */
  public static Gathered state(
      int pid, int ppid, List<ChildState> children, String maps, DescriptorState... fds) {
    return new Gathered(
        new ProcessState(pid, ppid, ROOT, ROOT, 0, 0, 0, 18, 0, 0, 0, "/bin/a", "/"),
        List.of(new ThreadState(pid, -1, 0, 0, "actor"), new ThreadState(pid + 1, -1, 0, 0, "b")),
        Arrays.asList(fds),
        children,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        ByteBuffer.wrap(maps.getBytes(StandardCharsets.UTF_8)));
  }

  /** A process has stopped. */
  public static void stopped(Actor process, int epoch, ChildState... children) throws IOException {
    process.say(new Quiesced(List.of(children)).message(epoch));
  }

  /** A stopped process tells its state. */
  public static void tells(Actor process, int epoch, Gathered state) throws IOException {
    process.expect(MessageType.GATHER);
    process.say(state.message(epoch));
  }

  /** Something that becomes true. */
  public interface Condition {
    boolean holds();
  }

  /** Waits for it. */
  public void await(Condition condition) throws InterruptedException {
    long deadline = System.nanoTime() + 10_000_000_000L;
    synchronized (job) {
      while (!condition.holds()) {
        if (!job.awaitChange(deadline)) {
          throw new AssertionError("it did not happen");
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (Actor actor : actors) {
      actor.close();
    }
    server.close();
    real.destroyForcibly();
    Files.deleteIfExists(socket);
  }
}
