// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import org.junit.jupiter.api.Test;

final class ReasonTest {

  @Test
  void isOneLineAndNeverEmpty() {
    assertThat(Reason.of(new IOException(" a\n  b "))).isEqualTo("a b");
    assertThat(Reason.of(new IOException())).isEqualTo("IOException");
  }

  @Test
  void saysWhyWhereTheExceptionSaysOnlyWhichFile() {
    assertThat(Reason.of(new AccessDeniedException("/x"))).isEqualTo("/x: permission denied");
  }
}
