// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.protocol.Kcmp;
import org.holdfast.runner.state.Refusal;

/**
 * Finds which descriptors are one open file description, among those that look alike. Each round
 * asks all that is unknown at once: almost always one round is enough.
 */
final class Sharing {

  /** Up to so many alike are compared each with each, so that one round settles them. */
  private static final int PAIRWISE = 48;

  /** Answers questions, in their order. */
  interface Asker {
    boolean[] ask(List<Kcmp> questions) throws Refusal, InterruptedException;
  }

  private final Asker asker;

  Sharing(Asker asker) {
    this.asker = asker;
  }

  /**
   * Splits each group of descriptors that look alike into those that are one.
   *
   * @return the descriptions, each with those that share it
   */
  List<List<Holder>> split(List<List<Holder>> groups) throws Refusal, InterruptedException {
    List<List<Holder>> settled = new ArrayList<>();
    List<List<Holder>> open = new ArrayList<>(groups);
    boolean first = true;
    while (!open.isEmpty()) {
      open = round(open, first, settled);
      first = false;
    }
    return settled;
  }

  /**
   * One round. In the first, all are compared with the first of their group, for most often all are
   * one; later, small groups are settled by all their pairs.
   */
  private List<List<Holder>> round(
      List<List<Holder>> groups, boolean first, List<List<Holder>> settled)
      throws Refusal, InterruptedException {
    List<Kcmp> questions = new ArrayList<>();
    for (List<Holder> group : groups) {
      boolean pairwise = !first && group.size() <= PAIRWISE;
      for (int a = 0; a < (pairwise ? group.size() : 1); a++) {
        for (int b = a + 1; b < group.size(); b++) {
          questions.add(question(group.get(a), group.get(b)));
        }
      }
    }
    boolean[] answers = questions.isEmpty() ? new boolean[0] : asker.ask(questions);
    List<List<Holder>> open = new ArrayList<>();
    int at = 0;
    for (List<Holder> group : groups) {
      if (first || group.size() > PAIRWISE) {
        at = takeFirst(group, answers, at, settled, open);
      } else {
        at = takeAll(group, answers, at, settled);
      }
    }
    return open;
  }

  private static int takeFirst(
      List<Holder> group,
      boolean[] answers,
      int from,
      List<List<Holder>> settled,
      List<List<Holder>> open) {
    List<Holder> same = new ArrayList<>(List.of(group.get(0)));
    List<Holder> rest = new ArrayList<>();
    int at = from;
    for (Holder other : group.subList(1, group.size())) {
      (answers[at++] ? same : rest).add(other);
    }
    settled.add(same);
    if (!rest.isEmpty()) {
      open.add(rest);
    }
    return at;
  }

  private static int takeAll(
      List<Holder> group, boolean[] answers, int from, List<List<Holder>> settled) {
    int size = group.size();
    int[] leader = new int[size];
    List<List<Holder>> classes = new ArrayList<>();
    int at = from;
    for (int n = 0; n < size; n++) {
      leader[n] = n;
      classes.add(new ArrayList<>());
    }
    for (int a = 0; a < size; a++) {
      for (int b = a + 1; b < size; b++) {
        if (answers[at++]) {
          leader[b] = leader[a];
        }
      }
    }
    for (int n = 0; n < size; n++) {
      classes.get(leader[n]).add(group.get(n));
    }
    classes.stream().filter(holders -> !holders.isEmpty()).forEach(settled::add);
    return at;
  }

  private static Kcmp question(Holder one, Holder other) {
    return new Kcmp(one.pid(), one.fd(), other.pid(), other.fd());
  }
}
