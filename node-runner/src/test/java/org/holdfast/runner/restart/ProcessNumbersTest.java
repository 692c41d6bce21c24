// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.protocol.Namespace;
import org.holdfast.runner.state.StateFiles;
import org.holdfast.runner.state.States;
import org.holdfast.runner.state.ZombieState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessNumbersTest {

  private static final String ALL = "000001ffffffffff";
  private static final String NONE = "0000000000000000";
  private static final String CHECKPOINT_RESTORE = "0000010000000000";

  @TempDir Path proc;

  private final List<StateFiles.Content> images =
      List.of(States.process(400, 396, 399, 398, new ZombieState(401, 397, 398, 0, "z")));

  @BeforeEach
  void usualHost() throws IOException {
    process(1, 1, 1);
    capabilities(ALL);
    endOfNumbers(32768);
  }

  private void capabilities(String mask) throws IOException {
    Files.createDirectories(proc.resolve("self"));
    Files.writeString(proc.resolve("self/status"), "Name:\tjava\nCapEff:\t" + mask + "\n");
  }

  private void endOfNumbers(int end) throws IOException {
    Files.createDirectories(proc.resolve("sys/kernel"));
    Files.writeString(proc.resolve("sys/kernel/pid_max"), end + "\n");
  }

  private void process(int pid, int group, int session) throws IOException {
    Path folder = Files.createDirectories(proc.resolve(Integer.toString(pid)));
    Files.writeString(
        folder.resolve("stat"), "%d (a b) S 1 %d %d 0 -1".formatted(pid, group, session));
  }

  private Namespace choose(boolean root) throws IOException {
    return new ProcessNumbers(proc, images).choose(root, false);
  }

  @Test
  void theHostsWhenAllAreFree() throws Exception {
    assertThat(choose(true)).isEqualTo(Namespace.HOST);
    capabilities(CHECKPOINT_RESTORE);
    assertThat(choose(false)).isEqualTo(Namespace.HOST);
  }

  @Test
  void oneOfItsOwnWithoutPrivilege() throws Exception {
    capabilities(NONE);
    assertThat(choose(false)).isEqualTo(Namespace.USER);
  }

  @Test
  void theHostsWhereTheKernelDriverLetsAUserChoose() throws Exception {
    capabilities(NONE);
    ProcessNumbers numbers = new ProcessNumbers(proc, images);
    assertThat(numbers.choose(false, true)).isEqualTo(Namespace.GRANTED);
    capabilities(CHECKPOINT_RESTORE);
    assertThat(numbers.choose(false, true)).isEqualTo(Namespace.HOST);
    process(400, 1, 1);
    assertThat(numbers.choose(false, true)).isEqualTo(Namespace.USER);
  }

  @Test
  void oneOfItsOwnWhenANumberIsHigherThanTheHostHas() throws Exception {
    endOfNumbers(401);
    assertThat(choose(true)).isEqualTo(Namespace.PID);
    endOfNumbers(402);
    assertThat(choose(true)).isEqualTo(Namespace.HOST);
  }

  @Test
  void oneOfItsOwnWhenANumberIsTaken() throws Exception {
    for (int number : List.of(400, 399, 398, 401, 397, 396)) {
      process(number, 1, 1);
      assertThat(choose(true)).as("process %d", number).isEqualTo(Namespace.PID);
      Files.delete(proc.resolve(number + "/stat"));
      Files.delete(proc.resolve(Integer.toString(number)));
    }
  }

  @Test
  void oneOfItsOwnWhenTheInitialProcessWasTheFirstOfOne() throws Exception {
    List<StateFiles.Content> inside = List.of(States.process(400, 1, 400, 400));
    ProcessNumbers numbers = new ProcessNumbers(proc, inside);
    assertThat(numbers.initial()).isEqualTo(1);
    assertThat(numbers.choose(true, false)).isEqualTo(Namespace.PID);
  }

  @Test
  void aGroupOrSessionTakesItsNumberToo() throws Exception {
    process(77, 399, 1);
    assertThat(choose(true)).isEqualTo(Namespace.PID);
    process(77, 77, 398);
    assertThat(choose(true)).isEqualTo(Namespace.PID);
    process(77, 77, 77);
    assertThat(choose(true)).isEqualTo(Namespace.HOST);
  }

  @Test
  void spareNumbersAreNobodys() throws Exception {
    process(301, 1, 1);
    ProcessNumbers numbers = new ProcessNumbers(proc, images);
    assertThat(numbers.nextSpare()).isEqualTo(302);
    assertThat(numbers.nextSpare()).isEqualTo(303);
    for (int n = 0; n < 200; n++) {
      assertThat(numbers.nextSpare()).isNotIn(396, 397, 398, 399, 400, 401);
    }
  }
}
