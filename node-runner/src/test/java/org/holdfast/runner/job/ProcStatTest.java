// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcStatTest {

  @Test
  void namesMayHoldAnything() {
    ProcStat stat = ProcStat.parse("12 (a) b (c) Z 3 4 5 0 -1 4194560\n");
    assertThat(stat).isEqualTo(new ProcStat(12, "a) b (c", 'Z', 3, 4, 5));
    assertThat(stat.zombie()).isTrue();
    assertThat(ProcStat.parse("12 (a) T 3 4 5 0").stopped()).isTrue();
  }

  @Test
  void thereIsNoneWithoutAProcess() {
    assertThat(ProcStat.read(Path.of("/proc/self"))).isPresent();
    assertThat(ProcStat.read(Path.of("/proc/1073741824"))).isEmpty();
  }

  @Test
  void clocksOfATimeNameSpace() {
    List<String> offsets = List.of("monotonic      10        20", "boottime      30         0");
    assertThat(Clocks.offset(offsets, "monotonic")).isEqualTo(10_000_000_020L);
    assertThat(Clocks.offset(offsets, "boottime")).isEqualTo(30_000_000_000L);
    assertThat(Clocks.offset(List.of(), "boottime")).isZero();
  }
}
