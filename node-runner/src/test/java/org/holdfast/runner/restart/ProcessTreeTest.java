// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.runner.state.Refusal;
import org.holdfast.runner.state.StateFiles;
import org.holdfast.runner.state.States;
import org.holdfast.runner.state.ZombieState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The initial process is 1, the job's root 100, which leads session and group 100. */
class ProcessTreeTest {

  private static final int SPARE = 900;

  private final List<StateFiles.Content> images = new ArrayList<>();

  private ProcessTreeTest add(int pid, int ppid, int pgid, int sid, ZombieState... zombies) {
    images.add(States.process(pid, ppid, pgid, sid, zombies));
    return this;
  }

  /** One word for each process: {@code pid<parent/group}, and its flags. */
  private List<String> tree() throws Refusal {
    int[] spare = {SPARE - 1};
    List<String> words = new ArrayList<>();
    for (TreeNode node : ProcessTree.of(images, () -> ++spare[0])) {
      @Nullable TreeNode parent = node.parent;
      words.add(
          "%d<%d/%d%s%s%s%s"
              .formatted(
                  node.pid,
                  parent == null ? 1 : parent.pid,
                  node.pgid,
                  node.leadsSession() ? " setsid" : "",
                  node.isEarly() ? " early" : "",
                  node.kind == TreeNode.Kind.ZOMBIE ? " zombie" : "",
                  node.kind == TreeNode.Kind.HELPER ? " helper" : ""));
    }
    return words;
  }

  @Test
  void aShellWithAPipeline() throws Exception {
    add(100, 1, 100, 100).add(101, 100, 101, 100).add(102, 100, 101, 100);
    assertThat(tree()).containsExactly("100<1/100 setsid", "101<100/101", "102<100/101");
  }

  @Test
  void parentsComeBeforeChildrenWhateverTheirNumbers() throws Exception {
    add(50, 100, 100, 100).add(20, 50, 100, 100).add(100, 1, 100, 100);
    assertThat(tree()).containsExactly("100<1/100 setsid", "50<100/100", "20<50/100");
  }

  @Test
  void aChildThatBeganASession() throws Exception {
    add(100, 1, 100, 100).add(101, 100, 101, 101).add(102, 101, 101, 101);
    assertThat(tree()).containsExactly("100<1/100 setsid", "101<100/101 setsid", "102<101/101");
  }

  @Test
  void aChildMadeBeforeItsParentBeganASession() throws Exception {
    add(100, 1, 100, 100).add(101, 100, 101, 101).add(102, 101, 100, 100).add(103, 101, 101, 101);
    assertThat(tree())
        .containsExactly(
            "100<1/100 setsid", "101<100/101 setsid", "102<101/100 early", "103<101/101");
  }

  @Test
  void earlyThroughTwoGenerations() throws Exception {
    add(100, 1, 100, 100).add(101, 100, 101, 101).add(102, 101, 102, 102).add(103, 102, 100, 100);
    assertThat(tree())
        .containsExactly(
            "100<1/100 setsid",
            "101<100/101 setsid",
            "102<101/102 setsid early",
            "103<102/100 early");
  }

  @Test
  void zombiesStayTheirParents() throws Exception {
    add(100, 1, 100, 100, new ZombieState(101, 101, 100, 256, "a"));
    assertThat(tree()).containsExactly("100<1/100 setsid", "101<100/101 zombie");
  }

  @Test
  void aZombieThatLedAGroup() throws Exception {
    add(100, 1, 100, 100, new ZombieState(101, 101, 100, 0, "a")).add(102, 100, 101, 100);
    assertThat(tree())
        .containsExactlyInAnyOrder("100<1/100 setsid", "101<100/101 zombie", "102<100/101");
  }

  @Test
  void aGroupWhoseLeaderIsGone() throws Exception {
    add(100, 1, 100, 100).add(102, 100, 101, 100);
    assertThat(tree()).containsExactly("100<1/100 setsid", "102<100/101", "101<100/101 helper");
  }

  @Test
  void anOrphanOfALivingSession() throws Exception {
    add(100, 1, 100, 100).add(105, 1, 100, 100);
    assertThat(tree()).containsExactly("100<1/100 setsid", "900<100/100 helper", "105<900/100");
  }

  @Test
  void twoOrphansShareAHelper() throws Exception {
    add(100, 1, 100, 100).add(105, 1, 100, 100).add(106, 1, 106, 100).add(107, 106, 106, 100);
    assertThat(tree())
        .containsExactly(
            "100<1/100 setsid", "900<100/100 helper", "105<900/100", "106<900/106", "107<106/106");
  }

  @Test
  void aDaemonThatLeadsItsSession() throws Exception {
    add(100, 1, 100, 100).add(200, 1, 200, 200);
    assertThat(tree()).containsExactly("100<1/100 setsid", "200<1/200 setsid");
  }

  @Test
  void aDaemonWhoseSessionLeaderIsGone() throws Exception {
    add(100, 1, 100, 100).add(201, 1, 200, 200);
    assertThat(tree())
        .containsExactly("200<1/200 setsid helper", "201<200/200", "100<1/100 setsid");
  }

  @Test
  void anOrphanBornBeforeItBeganItsSession() throws Exception {
    add(100, 1, 100, 100).add(200, 1, 200, 200).add(201, 200, 100, 100);
    assertThat(tree())
        .containsExactly(
            "100<1/100 setsid", "900<100/100 helper", "200<900/200 setsid", "201<200/100 early");
  }

  @Test
  void theLeaderOfASessionIsAZombie() throws Exception {
    add(100, 1, 100, 100, new ZombieState(200, 200, 200, 0, "a")).add(201, 1, 200, 200);
    assertThat(tree())
        .containsExactly("100<1/100 setsid", "200<100/200 setsid zombie", "201<200/200");
  }

  @Test
  void refusesAChildFromNowhere() {
    add(100, 1, 100, 100).add(101, 100, 100, 100).add(201, 101, 200, 200);
    assertThatThrownBy(this::tree)
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("process 201 of session 200 is a child of process 101");
  }
}
