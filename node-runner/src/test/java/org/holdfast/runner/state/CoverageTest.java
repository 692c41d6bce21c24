// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.holdfast.protocol.MemoryRange;
import org.junit.jupiter.api.Test;

class CoverageTest {

  private final Coverage coverage = new Coverage();

  private static MemoryRange range(long start, long end) {
    return new MemoryRange(start, end);
  }

  @Test
  void nothingIsCoveredAtFirst() {
    assertThat(coverage.missing(range(0, 10))).containsExactly(range(0, 10));
    assertThat(coverage.contains(range(0, 0))).isTrue();
  }

  @Test
  void tellsTheGaps() {
    coverage.add(range(10, 20));
    coverage.add(range(30, 40));
    assertThat(coverage.missing(range(0, 50)))
        .containsExactly(range(0, 10), range(20, 30), range(40, 50));
    assertThat(coverage.missing(range(15, 35))).containsExactly(range(20, 30));
    assertThat(coverage.contains(range(12, 20))).isTrue();
    assertThat(coverage.contains(range(12, 21))).isFalse();
  }

  @Test
  void rangesThatTouchOrOverlapBecomeOne() {
    coverage.add(range(10, 20));
    coverage.add(range(20, 30));
    coverage.add(range(5, 12));
    coverage.add(range(50, 60));
    coverage.add(range(0, 55));
    assertThat(coverage.contains(range(0, 60))).isTrue();
    assertThat(coverage.missing(range(0, 61))).containsExactly(range(60, 61));
  }
}
