// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.Gathered;
import org.holdfast.protocol.Kcmp;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageType;
import org.holdfast.runner.job.Job;
import org.holdfast.runner.job.Member;
import org.holdfast.runner.peer.Peer;
import org.holdfast.runner.state.Refusal;

/** Has a stopped process compare descriptors. */
final class Kcmps implements Sharing.Asker {

  private final Job job;
  private final int epoch;
  private final Duration timeout;
  private final Map<Holder, Holder> held = new HashMap<>();
  private final Queue<Message> results = new ArrayDeque<>();

  /**
   * @param processes whose descriptors are compared
   */
  Kcmps(Job job, int epoch, Duration timeout, Collection<Gathered> processes) {
    this.job = job;
    this.epoch = epoch;
    this.timeout = timeout;
    for (Gathered process : processes) {
      for (DescriptorState fd : process.descriptors()) {
        if (fd.fd() >= DescriptorState.HELD) {
          held.put(new Holder(process.process().pid(), fd.fd()), new Holder(fd.keeper(), fd.own()));
        }
      }
    }
  }

  /** Takes results; called under the job's lock. */
  void received(Peer unused, Message message) {
    if (message.type() == MessageType.KCMP_RESULT && message.epoch() == epoch) {
      results.add(message);
    }
  }

  @Override
  public boolean[] ask(List<Kcmp> questions) throws Refusal, InterruptedException {
    boolean[] answers = new boolean[questions.size()];
    for (int from = 0; from < questions.size(); from += Kcmp.MOST) {
      int to = Math.min(from + Kcmp.MOST, questions.size());
      List<Kcmp> part = questions.subList(from, to).stream().map(this::known).toList();
      Message result = ask(Kcmp.message(epoch, part));
      if (result.payload().remaining() != to - from) {
        throw new Refusal("the interceptor compared not all descriptors that it was asked to");
      }
      for (int n = from; n < to; n++) {
        answers[n] = Kcmp.same(result, n - from);
      }
    }
    return answers;
  }

  /** The same question as the kernel understands it: what is held is a descriptor of its keeper. */
  private Kcmp known(Kcmp question) {
    Holder one = known(new Holder(question.pid1(), question.fd1()));
    Holder other = known(new Holder(question.pid2(), question.fd2()));
    return new Kcmp(one.pid(), one.fd(), other.pid(), other.fd());
  }

  private Holder known(Holder holder) {
    return held.getOrDefault(holder, holder);
  }

  private Message ask(Message question) throws Refusal, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    synchronized (job) {
      Member asked =
          job.members().stream()
              .filter(member -> member.state() == Member.State.HELD)
              .findFirst()
              .orElseThrow(() -> new Refusal("the processes of the job are gone"));
      asked.peer().send(question);
      while (results.isEmpty()) {
        if (asked.state() != Member.State.HELD || !job.awaitChange(deadline)) {
          throw new Refusal("process %d does not compare descriptors".formatted(asked.pid()));
        }
      }
      return results.remove();
    }
  }
}
