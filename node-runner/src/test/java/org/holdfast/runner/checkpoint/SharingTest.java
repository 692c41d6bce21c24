// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.protocol.Kcmp;
import org.junit.jupiter.api.Test;

class SharingTest {

  private int rounds;
  private int questions;

  /** Descriptors are one when their numbers have the same remainder. */
  private List<List<Holder>> split(int modulus, List<List<Holder>> groups) throws Exception {
    return new Sharing(
            asked -> {
              rounds++;
              questions += asked.size();
              boolean[] answers = new boolean[asked.size()];
              for (int n = 0; n < answers.length; n++) {
                Kcmp question = asked.get(n);
                answers[n] = question.fd1() % modulus == question.fd2() % modulus;
              }
              return answers;
            })
        .split(groups);
  }

  private static List<Holder> group(int count) {
    List<Holder> holders = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      holders.add(new Holder(100 + n, n));
    }
    return holders;
  }

  @Test
  void oneRoundIsEnoughWhenAllAreOne() throws Exception {
    assertThat(split(1, List.of(group(100), group(3)))).hasSize(2);
    assertThat(rounds).isEqualTo(1);
    assertThat(questions).isEqualTo(99 + 2);
  }

  @Test
  void twoRoundsAreEnoughForFewDifferent() throws Exception {
    List<List<Holder>> split = split(7, List.of(group(40)));
    assertThat(split).hasSize(7);
    assertThat(rounds).isEqualTo(2);
    assertThat(split)
        .allSatisfy(
            one ->
                assertThat(one)
                    .extracting(holder -> holder.fd() % 7)
                    .containsOnly(one.get(0).fd() % 7));
    assertThat(split.stream().mapToInt(List::size).sum()).isEqualTo(40);
  }

  @Test
  void manyDifferentAreSettledToo() throws Exception {
    assertThat(split(1000, List.of(group(60)))).hasSize(60);
    assertThat(rounds).isLessThan(20);
  }

  @Test
  void asksNothingWhenThereIsNothingToAsk() throws Exception {
    assertThat(split(1, List.of())).isEmpty();
    assertThat(rounds).isZero();
  }
}
