// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.logging.Logger;
import org.holdfast.protocol.Exited;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Namespace;
import org.holdfast.protocol.PeerKind;
import org.holdfast.protocol.ProtocolException;
import org.holdfast.protocol.Started;
import org.holdfast.runner.driver.DriverGroup;
import org.holdfast.runner.peer.Peer;
import org.holdfast.runner.peer.PeerListener;
import org.holdfast.runner.state.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * The job as its connections show it: the initial process, the processes, how it ended.
 *
 * <p>Its lock (this object's monitor) guards it, its members, and the operation that is under way;
 * every message is handled under it, and {@link #awaitChange} waits for the next.
 */
public final class Job implements PeerListener {

  private static final Logger LOG = Logger.getLogger(Job.class.getName());

  private final Map<Integer, Member> members = new TreeMap<>();
  private final List<JobEvents> events = new ArrayList<>();
  private long changes;
  private Phase phase = Phase.STARTING;
  private final Optional<DriverGroup> driver;
  private final Optional<Enlister> enlister;
  private @Nullable Operation operation;
  private @Nullable Peer init;
  private @Nullable Started started;
  private @Nullable String remark;
  private @Nullable Integer exitStatus;
  private @Nullable String failure;

  /**
   * @param driver the kernel driver's group of its processes; empty: without the driver
   * @param enlister of processes without an interceptor; empty: they are left alone
   */
  public Job(Optional<DriverGroup> driver, Optional<Enlister> enlister) {
    this.driver = driver;
    this.enlister = enlister;
  }

  /** The kernel driver's group of its processes; empty: without the driver. */
  public Optional<DriverGroup> driver() {
    return driver;
  }

  /**
   * Gives a process an interceptor that has none.
   *
   * @return whether it connects now
   */
  public boolean enlist(HostProcess process) throws InterruptedException {
    Optional<Integer> initial = hostInit();
    return enlister.isPresent()
        && initial.isPresent()
        && enlister.get().enlist(process, initial.get());
  }

  /** Why a process could not get an interceptor; empty: that was not tried, or it got one. */
  public Optional<String> enlistFailure(int pid) {
    return enlister.flatMap(them -> them.failure(pid));
  }

  /**
   * Why a checkpoint is refused: a process has no interceptor.
   *
   * @param name "process 12 (name)"
   * @param pid its number as the job sees it
   */
  public Refusal withoutInterceptor(String name, int pid) {
    return new Refusal(
        "%s has no interceptor (it is statically linked, set-user-id, or dropped LD_PRELOAD)%s"
            .formatted(
                name,
                enlistFailure(pid)
                    .map(why -> ", and cannot get one: " + why)
                    .orElse(", so it cannot be checkpointed")));
  }

  /** What it does. */
  public synchronized Phase phase() {
    return phase;
  }

  /** An operation changes what it does; its end is final. */
  public synchronized void enter(Phase next) {
    if (phase != Phase.ENDED) {
      phase = next;
    }
    changed();
  }

  /** Its processes, by number. */
  public synchronized List<Member> members() {
    return List.copyOf(members.values());
  }

  /** What its user should know of it. */
  public synchronized Optional<String> remark() {
    return Optional.ofNullable(remark);
  }

  /** Notes what its user should know of it. */
  public synchronized void remark(String text) {
    remark = text;
  }

  /** What its initial process said when it started; empty: it did not yet. */
  public synchronized Optional<Started> started() {
    return Optional.ofNullable(started);
  }

  /** How its root process ended, as wait(2) gives it. */
  public synchronized Optional<Integer> exitStatus() {
    return Optional.ofNullable(exitStatus);
  }

  /** Why it failed. */
  public synchronized Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  /** Its initial process's number on the host; empty: it is not connected. */
  public synchronized Optional<Integer> hostInit() {
    return Optional.ofNullable(init).map(peer -> peer.hello().ownPid());
  }

  /**
   * {@code /proc} as it sees it.
   *
   * @throws Refusal when it does not run
   */
  public synchronized ProcView proc() throws Refusal {
    return new ProcView(
        hostInit().orElseThrow(Job::notRunning),
        started().map(Started::namespace).orElseThrow(Job::notRunning));
  }

  /** Its processes as the host sees them, also those without an interceptor. */
  public List<HostProcess> hostProcesses() {
    return hostInit().map(HostProcess::descendants).orElse(List.of());
  }

  /** Sends its initial process a message; without one there is nothing to be told. */
  public synchronized void tellInit(Message message) {
    if (init != null) {
      init.send(message);
    }
  }

  /** Adds somebody who wants to know what happens. */
  public synchronized void addEvents(JobEvents listener) {
    events.add(listener);
  }

  /** Removes them. */
  public synchronized void removeEvents(JobEvents listener) {
    events.remove(listener);
  }

  /**
   * Makes {@code next} the operation that gets the messages of snapshots and restarting processes.
   *
   * @throws Refusal when there is one already
   */
  public synchronized void begin(Operation next) throws Refusal {
    if (operation != null) {
      throw new Refusal("another checkpoint or restart of this job is under way");
    }
    operation = next;
  }

  /** Ends an operation, if it is the one. */
  public synchronized void end(Operation finished) {
    if (finished.equals(operation)) {
      operation = null;
    }
  }

  /**
   * Waits until something changed. The caller holds the lock and looks at its condition again.
   *
   * @param deadline a {@link System#nanoTime}
   * @return false when the deadline has passed
   */
  public boolean awaitChange(long deadline) throws InterruptedException {
    long seen = changes;
    while (seen == changes) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      wait(left / 1_000_000, (int) (left % 1_000_000));
    }
    return true;
  }

  /** Whether none of its processes is connected. */
  public synchronized boolean isEmpty() {
    return init == null && members.isEmpty();
  }

  /** Its processes are gone, and are made once more. */
  public synchronized void makeAnew() {
    started = null;
  }

  /** The job is lost or did not start. */
  public synchronized void fail(String reason) {
    if (phase == Phase.ENDED) {
      return;
    }
    LOG.severe("the job failed: " + reason);
    failure = reason;
    phase = Phase.ENDED;
    changed();
    List.copyOf(events).forEach(listener -> listener.failed(reason));
  }

  /** The job runs: its root process started, or all its processes go on after a restart. */
  public synchronized void begun() {
    if (phase == Phase.STARTING) {
      phase = Phase.RUNNING;
    }
    started().ifPresent(said -> List.copyOf(events).forEach(e -> e.started(said.pid(), remark())));
    changed();
  }

  /** Ends all processes of a job that cannot be made whole, the initial process too. */
  public void kill() {
    List<HostProcess> processes = hostProcesses();
    hostInit().flatMap(pid -> ProcessHandle.of(pid)).ifPresent(ProcessHandle::destroyForcibly);
    for (HostProcess process : processes) {
      ProcessHandle.of(process.hostPid()).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  /** Wakes those that wait for a change. */
  public synchronized void wake() {
    changed();
  }

  @Override
  public synchronized void connected(Peer peer) throws ProtocolException {
    PeerKind kind = peer.hello().kind();
    if (kind == PeerKind.INIT) {
      init = peer;
    } else if (kind == PeerKind.PROCESS) {
      members.put(peer.pid(), new Member(peer));
      driver.ifPresent(group -> peer.send(group.join().message()));
    } else if (operation == null) {
      peer.close();
    }
    if (operation != null) {
      operation.connected(peer);
    }
    changed();
  }

  @Override
  public synchronized void received(Peer peer, Message message) throws ProtocolException {
    Member member = members.get(peer.pid());
    if (peer.equals(init)) {
      initSaid(message);
    } else if (member != null && member.peer().equals(peer)) {
      member.received(message);
    }
    if (operation != null) {
      operation.received(peer, message);
    }
    changed();
  }

  @Override
  public synchronized void closed(Peer peer) {
    Member member = members.get(peer.pid());
    if (member != null && member.peer().equals(peer)) {
      members.remove(peer.pid());
    }
    if (operation != null) {
      operation.closed(peer);
    }
    if (peer.equals(init)) {
      init = null;
      loseInit(peer);
    }
    changed();
  }

  private void initSaid(Message message) throws ProtocolException {
    switch (message.type()) {
      case STARTED -> {
        started = Started.read(message);
        if (operation == null || !operation.holdsStart()) {
          begun();
        }
      }
      case EXITED -> {
        int status = Exited.read(message).status();
        exitStatus = status;
        LOG.info("the job's root process ended with wait status " + status);
        List.copyOf(events).forEach(listener -> listener.exited(status));
      }
      case EMPTY -> {
        phase = Phase.ENDED;
        List.copyOf(events).forEach(JobEvents::ended);
      }
      case FAILED -> {
        init = null;
        if (operation == null || !operation.initFailed(message.text())) {
          fail(message.text());
        }
      }
      default -> throw new ProtocolException("the initial process sent " + message.type());
    }
  }

  /** Without it nobody reaps, adopts, or tells how the job ends. */
  private void loseInit(Peer gone) {
    if (phase == Phase.ENDED || (operation != null && operation.endsInit())) {
      return;
    }
    for (Member member : members.values()) {
      if (started == null || started.namespace() == Namespace.HOST) {
        ProcessHandle.of(member.pid()).ifPresent(ProcessHandle::destroyForcibly);
      }
    }
    fail(
        "the job's initial process (%d) is gone, so its processes were ended: restart the job from its last checkpoint"
            .formatted(gone.hello().ownPid()));
  }

  private void changed() {
    changes++;
    notifyAll();
  }

  private static Refusal notRunning() {
    return new Refusal("the job does not run yet");
  }
}
