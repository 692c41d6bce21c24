// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.protocol.BlobState;
import org.holdfast.protocol.Hello;
import org.holdfast.protocol.MemoryRange;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageType;
import org.holdfast.protocol.PeerKind;
import org.holdfast.protocol.ProtocolException;
import org.holdfast.protocol.SnapshotState;
import org.holdfast.runner.job.Job;
import org.holdfast.runner.peer.Peer;
import org.holdfast.runner.state.Refusal;
import org.jspecify.annotations.Nullable;

/** The frozen copies of the processes, as they announce themselves. Guarded by the job's lock. */
final class Snapshots {

  /** One of them. */
  private static final class Announced {
    private final Peer peer;
    private @Nullable List<BlobState> blobs;
    private @Nullable List<MemoryRange> runs;

    Announced(Peer peer) {
      this.peer = peer;
    }
  }

  private final Job job;
  private final ProcessNamer namer;
  private final Map<Integer, Announced> announced = new TreeMap<>();
  private @Nullable String failure;

  Snapshots(Job job, ProcessNamer namer) {
    this.job = job;
    this.namer = namer;
  }

  /**
   * A snapshot that is whole.
   *
   * @param pid number of the process that it is a copy of
   * @param ownPid its own number
   * @param blobs what it copied
   * @param runs the pages to store, ascending
   * @param joined whether the kernel driver gives its memory
   */
  record Snapshot(
      int pid, int ownPid, List<BlobState> blobs, List<MemoryRange> runs, boolean joined) {}

  void connected(Peer peer) {
    if (peer.hello().kind() == PeerKind.SNAPSHOT) {
      announced.put(peer.pid(), new Announced(peer));
    }
  }

  void received(Peer peer, Message message) throws ProtocolException {
    Announced snapshot = announced.get(peer.pid());
    if (snapshot == null || !snapshot.peer.equals(peer)) {
      return;
    }
    if (message.type() == MessageType.REFUSED) {
      failure = namer.name(peer.pid()) + ": " + message.text();
    } else if (message.type() == MessageType.SNAPSHOT) {
      SnapshotState state = SnapshotState.read(message);
      if (state.whole()) {
        snapshot.runs = state.runs();
      } else {
        snapshot.blobs = state.blobs();
      }
    }
  }

  void closed(Peer peer) {
    Announced snapshot = announced.get(peer.pid());
    if (snapshot != null && snapshot.peer.equals(peer)) {
      announced.remove(peer.pid());
      if (failure == null) {
        failure = namer.name(peer.pid()) + ": its snapshot has ended";
      }
    }
  }

  /** Something went wrong with a process that makes a snapshot. */
  void fail(String reason) {
    if (failure == null) {
      failure = reason;
    }
  }

  /**
   * Waits until the snapshots of all these processes have copied what they were asked to.
   *
   * @throws Refusal when one cannot, or does not in time
   */
  void awaitCopied(Set<Integer> pids, Duration timeout) throws Refusal, InterruptedException {
    await(pids, timeout, snapshot -> snapshot != null && snapshot.blobs != null);
  }

  /**
   * Waits until a process's snapshot has found the pages to store.
   *
   * @throws Refusal when it cannot, or does not in time
   */
  Snapshot awaitWhole(int pid, Duration timeout) throws Refusal, InterruptedException {
    synchronized (job) {
      await(Set.of(pid), timeout, snapshot -> snapshot != null && snapshot.runs != null);
      Announced snapshot = announced.get(pid);
      if (snapshot == null || snapshot.blobs == null || snapshot.runs == null) {
        throw new IllegalStateException("a snapshot vanished under the lock");
      }
      Hello hello = snapshot.peer.hello();
      return new Snapshot(pid, hello.ownPid(), snapshot.blobs, snapshot.runs, hello.joined());
    }
  }

  /** Ends a process's snapshot. */
  void end(int pid) {
    synchronized (job) {
      Announced snapshot = announced.remove(pid);
      if (snapshot != null) {
        snapshot.peer.close();
      }
    }
  }

  /** Ends all. */
  void endAll() {
    synchronized (job) {
      announced.values().forEach(snapshot -> snapshot.peer.close());
      announced.clear();
    }
  }

  private interface Condition {
    boolean holds(@Nullable Announced snapshot);
  }

  private void await(Set<Integer> pids, Duration timeout, Condition condition)
      throws Refusal, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    synchronized (job) {
      while (true) {
        String reason = failure;
        if (reason != null) {
          throw new Refusal(reason);
        }
        int missing = 0;
        for (int pid : pids) {
          if (!condition.holds(announced.get(pid))) {
            missing = pid;
          }
        }
        if (missing == 0) {
          return;
        }
        if (!job.awaitChange(deadline)) {
          throw new Refusal(
              "%s: its snapshot was not ready within %d s"
                  .formatted(namer.name(missing), timeout.toSeconds()));
        }
      }
    }
  }
}
