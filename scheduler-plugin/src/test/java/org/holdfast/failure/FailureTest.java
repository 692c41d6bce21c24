// SPDX-License-Identifier: Apache-2.0
package org.holdfast.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import org.junit.jupiter.api.Test;

final class FailureTest {
  @Test
  void aReasonIsOneLineAndNeverEmpty() {
    assertThat(Failure.reason(new IOException(" a\n  b "))).isEqualTo("a b");
    assertThat(Failure.reason(new IOException())).isEqualTo("IOException");
    assertThat(Failure.reason(new AccessDeniedException("/x"))).isEqualTo("/x: permission denied");
  }

  @Test
  void aWaitStatusBecomesWhatAShellGives() {
    assertThat(ExitCode.ofWaitStatus(3 << 8)).isEqualTo(3);
    assertThat(ExitCode.ofWaitStatus(9)).isEqualTo(137);
    assertThat(ExitCode.ofWaitStatus(0x80 | 11)).isEqualTo(139);
  }
}
