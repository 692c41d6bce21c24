// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageType;
import org.holdfast.protocol.StreamState;
import org.holdfast.runner.job.Job;
import org.holdfast.runner.job.Member;
import org.holdfast.runner.peer.Peer;
import org.holdfast.runner.state.Refusal;

/** Has stopped processes pull what is on its way into the queues of their connections. */
final class Drains {

  private final Job job;
  private final int epoch;
  private final Map<Integer, List<StreamState>> answers = new HashMap<>();

  Drains(Job job, int epoch) {
    this.job = job;
    this.epoch = epoch;
  }

  /** Takes answers; called under the job's lock. */
  void received(Peer peer, Message message) {
    if (message.type() == MessageType.DRAINED && message.epoch() == epoch) {
      answers.put(peer.pid(), StreamState.read(message));
    }
  }

  /**
   * One round.
   *
   * @param pids the processes that have connections
   * @return how far each connection is
   * @throws Refusal when one does not answer in time
   */
  Map<Holder, StreamState> ask(Set<Integer> pids, Duration timeout)
      throws Refusal, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    synchronized (job) {
      answers.clear();
      held(pids).forEach(member -> member.peer().send(Message.of(MessageType.DRAIN, epoch)));
      while (!answers.keySet().containsAll(pids)) {
        if (held(pids).size() < pids.size() || !job.awaitChange(deadline)) {
          Set<Integer> silent = new TreeSet<>(pids);
          silent.removeAll(answers.keySet());
          throw new Refusal(
              "process %d does not empty its connections".formatted(silent.iterator().next()));
        }
      }
      Map<Holder, StreamState> streams = new HashMap<>();
      answers.forEach(
          (pid, list) -> list.forEach(stream -> streams.put(new Holder(pid, stream.fd()), stream)));
      return streams;
    }
  }

  /**
   * Those that stand still. There may be further ones: a process that has ended can be heard of
   * late.
   */
  private List<Member> held(Set<Integer> pids) {
    return job.members().stream()
        .filter(member -> pids.contains(member.pid()) && member.state() == Member.State.HELD)
        .toList();
  }
}
