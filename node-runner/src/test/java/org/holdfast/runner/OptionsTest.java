// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.runner.state.Refusal;
import org.junit.jupiter.api.Test;

class OptionsTest {

  private static Options parse(String... mode) throws Refusal {
    List<String> arguments =
        new ArrayList<>(
            List.of("--job", "7", "--runtime", "/r", "--store", "/s", "--preload", "/p"));
    arguments.addAll(List.of(mode));
    return Options.parse(arguments);
  }

  @Test
  void understandsTheThreeModes() throws Exception {
    Options launch = parse("launch", "--", "sh", "-c", "--x");
    assertThat(launch.job()).isEqualTo(7);
    assertThat(launch.runtime()).isEqualTo(Path.of("/r"));
    assertThat(launch.store()).isEqualTo(Path.of("/s"));
    assertThat(launch.preload()).isEqualTo(Path.of("/p"));
    assertThat(launch.mode()).isEqualTo(new Options.Mode.Launch(List.of("sh", "-c", "--x")));
    assertThat(parse("restart", "3").mode()).isEqualTo(new Options.Mode.Restart(3));
    assertThat(parse("adopt").mode()).isEqualTo(new Options.Mode.Adopt());
  }

  @Test
  void saysHowItIsUsed() {
    for (String[] wrong :
        new String[][] {
          {}, {"launch"}, {"launch", "--"}, {"restart"}, {"restart", "x"}, {"adopt", "1"}
        }) {
      assertThatThrownBy(() -> parse(wrong))
          .isInstanceOf(Refusal.class)
          .hasMessageContaining("usage");
    }
    assertThatThrownBy(() -> Options.parse(List.of("--job", "7", "adopt")))
        .isInstanceOf(Refusal.class);
  }
}
