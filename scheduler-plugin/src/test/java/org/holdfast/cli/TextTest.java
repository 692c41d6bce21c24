// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TextTest {
  @Test
  void numbersHaveUnits() {
    assertThat(Text.bytes(1023)).isEqualTo("1023 B");
    assertThat(Text.bytes(1536)).isEqualTo("1.5 KiB");
    assertThat(Text.bytes(Long.MAX_VALUE)).isEqualTo("8192.0 PiB");
    assertThat(Text.nanos(12_340_000)).isEqualTo("12.3 ms");
    assertThat(Text.nanos(2_500_000_000L)).isEqualTo("2.50 s");
    assertThat(Text.ratio(100, 0)).isEqualTo("-");
    assertThat(Text.ratio(100, 40)).isEqualTo("2.5");
    assertThat(Text.duration(Duration.ofMinutes(90))).isEqualTo("1h30m");
  }

  @Test
  void aCommandIsOneLine() {
    assertThat(Text.line(List.of("sh", "-c", "\na\n\tb\033[0m"))).isEqualTo("sh -c a b [0m");
  }

  @Test
  void columnsAreAligned() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Text.table(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        List.of("A", "LONG", "C"),
        List.of(List.of("1", "2", "3"), List.of("xyz", "", "")));
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("A    LONG  C", "1    2     3", "xyz");
  }

  @Test
  void childrenAreBelowTheirParent() {
    assertThat(
            ProcessTree.lines(
                List.of(
                    new ProcessView(4, 2, 0, "c"),
                    new ProcessView(1, 0, 1, "root"),
                    new ProcessView(3, 1, 5, "b"),
                    new ProcessView(2, 1, 1, "a"))))
        .containsExactly("1 root", "├─ 2 a", "│  └─ 4 c (zombie)", "└─ 3 b (5 threads)");
  }
}
