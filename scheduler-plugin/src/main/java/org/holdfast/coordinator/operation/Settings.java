// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.operation;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Properties;
import org.holdfast.coordinator.host.External;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.runner.state.Reason;

/**
 * What can be configured; {@code config/holdfast.properties} lists and explains every key.
 *
 * @param interval time between periodic checkpoints
 * @param keep how many good checkpoints are kept, at least 1
 * @param level zstd level
 * @param threads how many threads compress, 0: one for each processor
 * @param freezeTimeout after which a checkpoint that cannot stop every thread is given up
 * @param external what is done about connections that leave the job
 * @param database properties of Spring Boot, of which {@code spring.datasource.url} chooses another
 *     database
 */
public record Settings(
    Interval interval,
    int keep,
    int level,
    int threads,
    Duration freezeTimeout,
    External external,
    Properties database) {

  /** Checks. */
  public Settings {
    check(keep >= 1, "holdfast.keep must be at least 1, not " + keep);
    check(level >= 1 && level <= 19, "holdfast.level must be from 1 to 19, not " + level);
    check(threads >= 0, "holdfast.threads must not be negative");
  }

  /** The defaults. */
  public static Settings defaults() {
    return of(new Properties());
  }

  /**
   * Reads a file; a file that does not exist gives the defaults.
   *
   * @throws Failure when it cannot be read or says what makes no sense
   */
  public static Settings read(Path file) {
    Properties properties = new Properties();
    if (Files.exists(file)) {
      try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
        properties.load(reader);
      } catch (IOException | IllegalArgumentException e) {
        throw new Failure(
            ExitCode.USAGE, "cannot read " + file + ": " + Reason.of(e) + ": mend it", e);
      }
    }
    try {
      return of(properties);
    } catch (IllegalArgumentException e) {
      throw new Failure(ExitCode.USAGE, file + ": " + Reason.of(e), e);
    }
  }

  /** The same with another way to treat connections that leave the job. */
  public Settings with(External other) {
    return new Settings(interval, keep, level, threads, freezeTimeout, other, database);
  }

  /** How many threads compress. */
  public int writers() {
    return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
  }

  private static Settings of(Properties properties) {
    Properties database = new Properties();
    properties.stringPropertyNames().stream()
        .filter(name -> name.startsWith("spring."))
        .forEach(name -> database.setProperty(name, properties.getProperty(name)));
    return new Settings(
        Interval.parse(properties.getProperty("holdfast.interval", "30m").strip()),
        number(properties, "holdfast.keep", 3),
        number(properties, "holdfast.level", 1),
        number(properties, "holdfast.threads", 0),
        Interval.parse(properties.getProperty("holdfast.freeze-timeout", "10s").strip())
            .duration()
            .orElseThrow(() -> new IllegalArgumentException("holdfast.freeze-timeout: not none")),
        external(properties.getProperty("holdfast.external", "reset").strip()),
        database);
  }

  private static External external(String word) {
    return Arrays.stream(External.values())
        .filter(external -> external.word().equals(word))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("holdfast.external is reset or fail, not " + word));
  }

  private static int number(Properties properties, String name, int otherwise) {
    String text = properties.getProperty(name, Integer.toString(otherwise)).strip();
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " is not a number: " + text, e);
    }
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
