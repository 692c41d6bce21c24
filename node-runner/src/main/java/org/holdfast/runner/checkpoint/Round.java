// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageType;
import org.holdfast.protocol.ProtocolException;
import org.holdfast.runner.job.Job;
import org.holdfast.runner.job.Member;
import org.holdfast.runner.peer.Peer;
import org.holdfast.runner.state.Refusal;

/**
 * Asks stopped processes for the same thing, all at once, and waits for their answers.
 *
 * @param <T> an answer
 */
final class Round<T> {

  /** Reads an answer. */
  interface Reader<T> {
    T read(Message message) throws ProtocolException;
  }

  private final Job job;
  private final int epoch;
  private final MessageType question;
  private final MessageType answer;
  private final Reader<T> reader;
  private final Map<Integer, T> answers = new TreeMap<>();

  Round(Job job, int epoch, MessageType question, MessageType answer, Reader<T> reader) {
    this.job = job;
    this.epoch = epoch;
    this.question = question;
    this.answer = answer;
    this.reader = reader;
  }

  /** Takes answers; called under the job's lock. */
  void received(Peer peer, Message message) throws ProtocolException {
    if (message.type() == answer && message.epoch() == epoch) {
      answers.put(peer.pid(), reader.read(message));
    }
  }

  /**
   * Asks.
   *
   * @param pids the processes
   * @param namer names one in a refusal
   * @param timeout how long that may take
   * @return what each answered
   * @throws Refusal when one refuses, has ended, or does not answer in time
   */
  Map<Integer, T> ask(Set<Integer> pids, ProcessNamer namer, Duration timeout)
      throws Refusal, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    synchronized (job) {
      answers.clear();
      held(pids).forEach(member -> member.peer().send(Message.of(question, epoch)));
      while (!answers.keySet().containsAll(pids)) {
        refuseWhatRefused(pids, namer);
        if (held(pids).size() < pids.size() || !job.awaitChange(deadline)) {
          throw silent(pids, namer);
        }
      }
      return new TreeMap<>(answers);
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

  private void refuseWhatRefused(Set<Integer> pids, ProcessNamer namer) throws Refusal {
    for (Member member : job.members()) {
      if (pids.contains(member.pid())) {
        Barrier.refuseIfRefused(member, namer);
      }
    }
  }

  private Refusal silent(Set<Integer> pids, ProcessNamer namer) {
    int silent = pids.stream().filter(pid -> !answers.containsKey(pid)).findFirst().orElseThrow();
    return new Refusal(
        "%s ended or fell silent while it stood still: try again".formatted(namer.name(silent)));
  }
}
