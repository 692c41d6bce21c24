// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.image.ObjectStore;
import org.holdfast.protocol.CaptureItem;
import org.holdfast.protocol.ChildState;
import org.holdfast.protocol.Gathered;
import org.holdfast.protocol.IpcObject;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageType;
import org.holdfast.protocol.PeerKind;
import org.holdfast.protocol.ProtocolException;
import org.holdfast.protocol.Started;
import org.holdfast.protocol.StreamState;
import org.holdfast.runner.job.Clocks;
import org.holdfast.runner.job.Job;
import org.holdfast.runner.job.Member;
import org.holdfast.runner.job.Operation;
import org.holdfast.runner.job.Phase;
import org.holdfast.runner.job.ProcView;
import org.holdfast.runner.peer.Peer;
import org.holdfast.runner.state.FreeMemory;
import org.holdfast.runner.state.JobView;
import org.holdfast.runner.state.ProcessFile;
import org.holdfast.runner.state.PtyMaster;
import org.holdfast.runner.state.Recognition;
import org.holdfast.runner.state.Refusal;
import org.holdfast.runner.state.ZombieState;
import org.jspecify.annotations.Nullable;

/**
 * One checkpoint on this host: {@link #quiesce}, {@link #capture}, {@link #resume}, {@link #write},
 * in this order; {@link #halt} instead of resume, after write. Each step may fail, and the
 * checkpoint may be aborted at any time: then the job goes on and nothing of it is left. It is over
 * when the job goes on and the images are written.
 *
 * <p>What runs until {@link #resume} runs while the job stands still: it does nothing that can
 * wait.
 */
public final class Checkpoint implements Operation {

  private static final Duration RESUME = Duration.ofSeconds(30);
  private static final int ACCEPT_TRIES = 10;
  private static final Duration ACCEPT_PAUSE = Duration.ofMillis(10);
  private static final Frozen NONE =
      new Frozen(
          Instant.EPOCH, 0, Map.of(), Map.of(), Map.of(), List.of(), SharedMemory.none(), Set.of());

  /** How far it is. */
  private enum Step {
    NEW,
    QUIESCED,
    CAPTURED,
    OVER
  }

  private final Job job;
  private final int epoch;
  private final String host;
  private final Barrier barrier;
  private final ProcView proc;
  private final Snapshots snapshots;
  private @Nullable Kcmps kcmps;
  private @Nullable Round<?> round;
  private Frozen frozen = NONE;
  private @Nullable CaptureRequests requests;
  private @Nullable Thread writing;
  private Step step = Step.NEW;
  private boolean opened;
  private boolean resumed;
  private boolean written;

  private Checkpoint(Job job, int epoch, String host) throws Refusal {
    this.job = job;
    this.epoch = epoch;
    this.host = host;
    proc = job.proc();
    barrier = new Barrier(job, epoch);
    snapshots = new Snapshots(job, proc::name);
  }

  /**
   * Begins a checkpoint: there is no other until it is over.
   *
   * @param job to be checkpointed
   * @param epoch the checkpoint's number
   * @param host this host's name, as the images have it
   * @throws Refusal when another is under way, or the job does not run
   */
  public static Checkpoint begin(Job job, int epoch, String host) throws Refusal {
    synchronized (job) {
      if (job.phase() != Phase.RUNNING) {
        throw new Refusal("the job cannot be checkpointed: it is " + job.phase().label());
      }
      if (job.exitStatus().isPresent()) {
        throw new Refusal("the job's root process has ended: only what it left behind runs");
      }
      Checkpoint checkpoint = new Checkpoint(job, epoch, host);
      job.begin(checkpoint);
      return checkpoint;
    }
  }

  /**
   * A count.
   *
   * @param processes how many
   * @param threads how many they have
   */
  public record Count(int processes, int threads) {}

  /**
   * Stops the job.
   *
   * @param timeout how long that may take
   * @param hold how long a process stands still without hearing from here; zero: for ever
   * @throws Refusal when it cannot be stopped or restored; it goes on
   */
  public Count quiesce(Duration timeout, Duration hold) throws Refusal, InterruptedException {
    try {
      expect(Step.NEW);
      return freeze(timeout, hold);
    } catch (Refusal | InterruptedException | RuntimeException e) {
      abort();
      throw e;
    }
  }

  /**
   * Lets the job go on for a moment, in which its connections' receivers read what is on its way
   * while little is sent, and stops it again.
   *
   * @param moment how long it goes on
   * @param timeout how long stopping it may take
   * @param hold how long a process stands still without hearing from here; zero: for ever
   * @throws Refusal when it cannot be stopped or restored; it goes on
   */
  public void letRead(Duration moment, Duration timeout, Duration hold)
      throws Refusal, InterruptedException {
    try {
      expect(Step.QUIESCED);
      synchronized (job) {
        frozen = NONE;
        step = Step.NEW;
      }
      barrier.letRead();
      Thread.sleep(moment.toMillis());
      freeze(timeout, hold);
    } catch (Refusal | InterruptedException | RuntimeException e) {
      abort();
      throw e;
    }
  }

  private Count freeze(Duration timeout, Duration hold) throws Refusal, InterruptedException {
    Map<Integer, Gathered> states = stop(timeout, hold);
    long monotonic = System.nanoTime();
    Kcmps asker = new Kcmps(job, epoch, timeout, states.values());
    synchronized (job) {
      kcmps = asker;
    }
    DescriptorTable table = new DescriptorTable(new Recognition(view(states)), new Sharing(asker));
    Frozen now =
        new Frozen(
            Instant.now(),
            monotonic,
            states,
            table.build(states, proc::name),
            zombies(states),
            objects(states),
            SharedMemory.of(states, new SwapUse(proc), proc::name),
            barrier.byDriver());
    synchronized (job) {
      expect(Step.NEW);
      frozen = now;
      step = Step.QUIESCED;
      job.enter(Phase.QUIESCED);
    }
    return new Count(states.size(), now.threads());
  }

  /**
   * Stops all processes and has them tell their state. Nobody can look into a connection that a
   * listener has not accepted yet, but a busy server accepts it in a moment: where there are some,
   * all go on for that moment. Those that still wait are accepted for the program.
   */
  private Map<Integer, Gathered> stop(Duration timeout, Duration hold)
      throws Refusal, InterruptedException {
    Map<Integer, Gathered> states = stopAll(timeout, hold);
    Waiting waiting = Waiting.in(states);
    for (int n = 0; n < ACCEPT_TRIES && waiting.isPresent(); n++) {
      barrier.letAccept();
      Thread.sleep(ACCEPT_PAUSE.toMillis());
      states = stopAll(timeout, hold);
      waiting = Waiting.in(states);
    }
    Set<Integer> accepting = waiting.acceptable();
    if (accepting.isEmpty()) {
      return states;
    }
    if (!barrier.byDriver().isEmpty()) {
      // A thread of the program accepts: it must stand in its handler.
      barrier.useSignals();
      states = stopAll(timeout, hold);
      accepting = Waiting.in(states).acceptable();
    }
    round(MessageType.ACCEPT, MessageType.ACCEPTED, message -> true)
        .ask(accepting, proc::name, timeout);
    return gather(states.keySet(), timeout);
  }

  private Map<Integer, Gathered> gather(Set<Integer> stopped, Duration timeout)
      throws Refusal, InterruptedException {
    return round(MessageType.GATHER, MessageType.GATHERED, Gathered::read)
        .ask(stopped, proc::name, timeout);
  }

  /**
   * One that ended while others had stopped already may have left a child to a subreaper that had
   * told its children before: if such a one shows up, all go on and it is tried again.
   */
  private Map<Integer, Gathered> stopAll(Duration timeout, Duration hold)
      throws Refusal, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    Map<Integer, Gathered> states;
    do {
      barrier.open();
      long leftNs = Math.max(0, deadline - System.nanoTime());
      Duration left = Duration.ofMillis((leftNs + 999_999) / 1_000_000);
      Set<Integer> stopped = barrier.close(left, hold);
      states = gather(stopped, timeout);
    } while (!hasEverybody(states));
    return states;
  }

  private static boolean hasEverybody(Map<Integer, Gathered> states) {
    return states.values().stream()
        .flatMap(state -> state.children().stream())
        .allMatch(child -> child.zombie() || states.containsKey(child.pid()));
  }

  private <T> Round<T> round(MessageType question, MessageType answer, Round.Reader<T> reader) {
    Round<T> next = new Round<>(job, epoch, question, answer, reader);
    synchronized (job) {
      round = next;
    }
    return next;
  }

  /**
   * Pulls what is on its way between the job's sockets into their queues, as far as it goes now.
   *
   * @param timeout how long that may take
   * @return how many bytes are still on their way
   * @throws Refusal when a connection cannot be restored; the job goes on
   */
  public long drain(Duration timeout) throws Refusal, InterruptedException {
    try {
      Frozen now = expect(Step.QUIESCED);
      Network network = new Network(now.descriptors());
      Map<Long, StreamState> progress = network.progress(now.streams());
      boolean moving = network.isMoving(progress);
      if (moving) {
        progress = network.progress(pull(network.connected(), timeout));
      }
      network.refuseUnreachable(progress, proc::name);
      synchronized (job) {
        expect(Step.QUIESCED);
        frozen = moving ? now.with(network.with(progress)) : now;
      }
      return moving ? network.inFlight(progress) : 0;
    } catch (Refusal | InterruptedException | RuntimeException e) {
      abort();
      throw e;
    }
  }

  private Map<Holder, StreamState> pull(Set<Integer> connected, Duration timeout)
      throws Refusal, InterruptedException {
    return Holder.of(
        round(MessageType.DRAIN, MessageType.DRAINED, StreamState::read)
            .ask(connected, proc::name, timeout));
  }

  /**
   * Refuses connections that leave the job.
   *
   * @throws Refusal when there is one; the job goes on
   */
  public void refuseOutside() throws Refusal {
    try {
      new Network(expect(Step.QUIESCED).descriptors()).refuseOutside(proc::name);
    } catch (Refusal e) {
      abort();
      throw e;
    }
  }

  /** The connections that leave the job, one line each. Used after the freeze. */
  public List<String> outside() {
    synchronized (job) {
      return new Network(frozen.descriptors()).outside();
    }
  }

  /**
   * Makes a frozen copy of every process.
   *
   * @param timeout how long that may take
   * @return how many
   * @throws Refusal when that fails; the job goes on
   */
  public int capture(Duration timeout) throws Refusal, InterruptedException {
    try {
      Frozen now = expect(Step.QUIESCED);
      CaptureRequests what = new CaptureRequests(now);
      now.memory().refuseUnreadable(what.files(), proc::name);
      now.memory().refuseTooLarge(FreeMemory::bytes);
      synchronized (job) {
        requests = what;
        for (Member member : job.members()) {
          member.peer().send(CaptureItem.message(epoch, what.items(member.pid())));
        }
      }
      snapshots.awaitCopied(now.processes().keySet(), timeout);
      synchronized (job) {
        expect(Step.QUIESCED);
        step = Step.CAPTURED;
      }
      return now.processes().size();
    } catch (Refusal | InterruptedException | RuntimeException e) {
      abort();
      throw e;
    }
  }

  /**
   * Lets the job go on.
   *
   * @return how long it stood still, nanoseconds
   * @throws Refusal when a process does not go on
   */
  public long resume() throws Refusal, InterruptedException {
    expect(Step.CAPTURED);
    open();
    long stopNs =
        barrier
            .awaitOpen(RESUME)
            .orElseThrow(
                () -> new Refusal("the job was told to go on, but a process does not answer"));
    synchronized (job) {
      resumed = true;
      job.enter(written ? Phase.RUNNING : Phase.WRITING);
      finishIfDone();
    }
    return stopNs;
  }

  /**
   * Writes the images and ends the frozen copies.
   *
   * @param directory the checkpoint's folder
   * @param objects keeps what the processes have mapped
   * @param level zstd's
   * @param threads how many compress
   * @param progress is told how far it is, on the calling thread
   * @throws Refusal when a process cannot be restored
   * @throws IOException when the store fails
   */
  public Written write(
      Path directory, ObjectStore objects, int level, int threads, Progress progress)
      throws Refusal, IOException, InterruptedException {
    try {
      Frozen now = expect(Step.CAPTURED);
      CaptureRequests what = requests;
      if (what == null) {
        throw new IllegalStateException("captured without requests");
      }
      synchronized (job) {
        writing = Thread.currentThread();
      }
      ImageBuilder builder =
          new ImageBuilder(now, what, facts(now), host, new MappedFiles(objects));
      Written result =
          new ImagesWriter(snapshots, builder, proc, job.driver())
              .write(host, now.processes().keySet(), directory, level, threads, progress);
      synchronized (job) {
        writing = null;
        written = true;
        finishIfDone();
      }
      return result;
    } catch (Refusal | IOException | InterruptedException | RuntimeException e) {
      synchronized (job) {
        writing = null;
      }
      abort();
      throw e;
    }
  }

  /**
   * Ends the checkpoint of a job that is not to go on, but was halted while it stood still: its
   * processes were killed, or stopped by a signal and open the barrier when they are continued.
   *
   * @param act kills or stops them
   * @throws Refusal when it is not written yet or goes on already, or when {@code act} fails
   */
  public void halt(Halt act) throws Refusal, IOException, InterruptedException {
    synchronized (job) {
      expect(Step.CAPTURED);
      if (!written || resumed) {
        throw new Refusal(
            "the job can only be halted after its images are written, while it stands still");
      }
    }
    act.run();
    open();
    synchronized (job) {
      resumed = true;
      job.enter(Phase.RUNNING);
      finishIfDone();
    }
  }

  /** What is done to the job instead of letting it go on. */
  public interface Halt {
    /** Does it. */
    void run() throws Refusal, IOException, InterruptedException;
  }

  /** Gives the checkpoint up: the job goes on, the frozen copies end. Harmless when it is over. */
  public void abort() {
    synchronized (job) {
      if (step == Step.OVER) {
        return;
      }
      barrier.open();
      snapshots.endAll();
      Thread writer = writing;
      if (writer != null && !writer.equals(Thread.currentThread())) {
        writer.interrupt();
      }
      finish();
    }
  }

  /** Waits until the barrier is open after {@link #abort}, some seconds at most. */
  public void awaitOpen() throws InterruptedException {
    barrier.awaitOpen(RESUME);
  }

  /** Whether there is nothing more to do. */
  public boolean isOver() {
    synchronized (job) {
      return step == Step.OVER;
    }
  }

  /** The checkpoint's number. */
  public int epoch() {
    return epoch;
  }

  @Override
  public void connected(Peer peer) {
    snapshots.connected(peer);
  }

  @Override
  public void received(Peer peer, Message message) throws ProtocolException {
    Kcmps asker = kcmps;
    if (asker != null) {
      asker.received(peer, message);
    }
    Round<?> asked = round;
    if (asked != null) {
      asked.received(peer, message);
    }
    snapshots.received(peer, message);
    watchHeld(peer);
  }

  @Override
  public void closed(Peer peer) {
    snapshots.closed(peer);
    if (isFrozen(peer) && !opened) {
      snapshots.fail("process %d ended while it stood still".formatted(peer.pid()));
    }
  }

  /** From now on a process may end, and its snapshot is still good. */
  private void open() {
    synchronized (job) {
      opened = true;
      barrier.open();
    }
  }

  /** A process that cannot be copied, or heard nothing for too long, goes on by itself. */
  private void watchHeld(Peer peer) {
    if (!isFrozen(peer) || opened) {
      return;
    }
    for (Member member : job.members()) {
      String refusal = member.refusal();
      if (member.peer().equals(peer) && refusal != null) {
        snapshots.fail(proc.name(peer.pid()) + ": " + refusal);
      }
    }
  }

  private boolean isFrozen(Peer peer) {
    return peer.hello().kind() == PeerKind.PROCESS && frozen.processes().containsKey(peer.pid());
  }

  private Frozen expect(Step wanted) throws Refusal {
    synchronized (job) {
      if (step != wanted) {
        throw new Refusal(
            step == Step.OVER
                ? "epoch %d was given up".formatted(epoch)
                : "epoch %d cannot do this now".formatted(epoch));
      }
      return frozen;
    }
  }

  private JobView view(Map<Integer, Gathered> states) {
    Set<Integer> pids = new HashSet<>(states.keySet());
    for (Gathered state : states.values()) {
      state.children().stream().map(ChildState::pid).forEach(pids::add);
    }
    Set<Integer> ptys = new HashSet<>();
    for (Gathered state : states.values()) {
      state.descriptors().forEach(fd -> PtyMaster.index(fd).ifPresent(ptys::add));
    }
    return new JobView(job.started().map(Started::terminal).orElse(0L), proc.streams(), pids, ptys);
  }

  private static List<IpcObject> objects(Map<Integer, Gathered> states) {
    return states.values().stream().flatMap(state -> state.ipc().stream()).distinct().toList();
  }

  private Map<Integer, List<ZombieState>> zombies(Map<Integer, Gathered> states) {
    Map<Integer, List<ZombieState>> zombies = new TreeMap<>();
    for (Map.Entry<Integer, Gathered> parent : states.entrySet()) {
      for (ChildState child : parent.getValue().children()) {
        if (child.zombie()) {
          proc.stat(child.pid())
              .map(s -> new ZombieState(s.pid(), s.group(), s.session(), child.status(), s.name()))
              .ifPresent(zombies.computeIfAbsent(parent.getKey(), pid -> new ArrayList<>())::add);
        }
      }
    }
    return zombies;
  }

  private ProcessFile.JobFacts facts(Frozen now) throws IOException, Refusal {
    Started started = job.started().orElseThrow(() -> new Refusal("the job has not started"));
    Clocks clocks = Clocks.of(proc, now.monotonicNs());
    return new ProcessFile.JobFacts(
        started.pid(), started.terminal(), clocks.monotonicNs(), clocks.boottimeNs());
  }

  private void finishIfDone() {
    if (resumed && written) {
      finish();
    }
  }

  private void finish() {
    step = Step.OVER;
    job.end(this);
    job.enter(Phase.RUNNING);
  }
}
