// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.holdfast.failure.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {
  @TempDir Path folder;

  @Test
  void withoutAFileThereAreTheDefaults() {
    Settings settings = Settings.read(folder.resolve("none"));
    assertThat(settings.interval().duration()).contains(Duration.ofMinutes(30));
    assertThat(settings.keep()).isEqualTo(3);
    assertThat(settings.writers()).isPositive();
    assertThat(settings.database()).isEmpty();
  }

  @Test
  void theFileThatIsShippedSaysTheDefaults() throws IOException {
    Path shipped = Path.of("../config/holdfast.properties");
    String active =
        Files.readString(shipped)
            .lines()
            .map(line -> line.startsWith("#holdfast.") ? line.substring(1) : line)
            .reduce("", (all, line) -> all + line + "\n");
    Files.writeString(folder.resolve("file"), active);
    assertThat(Settings.read(folder.resolve("file"))).isEqualTo(Settings.defaults());
  }

  @Test
  void readsAFile() throws IOException {
    Path file = folder.resolve("file");
    Files.writeString(
        file, "holdfast.interval=none\nholdfast.keep = 5\nspring.datasource.url=jdbc:x\nother=1\n");
    Settings settings = Settings.read(file);
    assertThat(settings.interval().duration()).isEmpty();
    assertThat(settings.keep()).isEqualTo(5);
    assertThat(settings.database()).containsOnlyKeys("spring.datasource.url");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "holdfast.keep=0",
        "holdfast.keep=many",
        "holdfast.level=20",
        "holdfast.interval=soon",
        "holdfast.freeze-timeout=none"
      })
  void whatMakesNoSenseIsNamed(String line) throws IOException {
    Path file = folder.resolve("file");
    Files.writeString(file, line);
    assertThatThrownBy(() -> Settings.read(file))
        .isInstanceOf(Failure.class)
        .hasMessageContaining(file.toString());
  }

  @ParameterizedTest
  @CsvSource({"30m,PT30M", "90s,PT1M30S", "2h,PT2H", "1d,PT24H", "250ms,PT0.25S", "7,PT7S"})
  void readsTimes(String text, Duration time) {
    assertThat(Interval.parse(text).duration()).contains(time);
  }
}
