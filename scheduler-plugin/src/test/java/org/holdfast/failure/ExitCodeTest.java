// SPDX-License-Identifier: Apache-2.0
package org.holdfast.failure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ExitCodeTest {
  @Test
  void aWaitStatusBecomesWhatAShellGives() {
    assertThat(ExitCode.ofWaitStatus(3 << 8)).isEqualTo(3);
    assertThat(ExitCode.ofWaitStatus(9)).isEqualTo(137);
    assertThat(ExitCode.ofWaitStatus(0x80 | 11)).isEqualTo(139);
  }
}
