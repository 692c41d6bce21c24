// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.operation;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The time between periodic checkpoints.
 *
 * @param duration empty: none are made
 */
public record Interval(Optional<Duration> duration) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)?");

  /**
   * Reads what a user writes: {@code 30m}, {@code 90s}, {@code 2h}, {@code none}; a bare number is
   * seconds.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static Interval parse(String text) {
    if (text.equals("none")) {
      return new Interval(Optional.empty());
    }
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a time such as 30m, 90s or 2h, nor none");
    }
    long number = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2) == null ? "s" : matcher.group(2);
    Duration duration =
        switch (unit) {
          case "ms" -> Duration.ofMillis(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          case "d" -> Duration.ofDays(number);
          default -> Duration.ofSeconds(number);
        };
    if (duration.isZero()) {
      throw new IllegalArgumentException("an interval of 0: say none for no periodic checkpoints");
    }
    return new Interval(Optional.of(duration));
  }
}
