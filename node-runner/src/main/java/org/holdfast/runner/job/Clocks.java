// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.job;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The job's clocks at one time. They differ from this process's when a restart gave the job a time
 * name space.
 *
 * @param monotonicNs CLOCK_MONOTONIC
 * @param boottimeNs CLOCK_BOOTTIME
 */
public record Clocks(long monotonicNs, long boottimeNs) {

  private static final long SECOND = 1_000_000_000L;

  /**
   * What they showed.
   *
   * @param proc the job's
   * @param at a {@link System#nanoTime}, which is this process's CLOCK_MONOTONIC
   */
  public static Clocks of(ProcView proc, long at) throws IOException {
    String uptime = Files.readString(Path.of("/proc/uptime"));
    long boottime =
        new BigDecimal(uptime.substring(0, uptime.indexOf(' '))).movePointRight(9).longValue();
    List<String> offsets = proc.clockOffsets();
    return new Clocks(
        at + offset(offsets, "monotonic"),
        boottime - (System.nanoTime() - at) + offset(offsets, "boottime"));
  }

  /** Lines are {@code monotonic SECONDS NANOSECONDS}. */
  static long offset(List<String> offsets, String clock) {
    for (String line : offsets) {
      String[] fields = line.strip().split("\\s+", 3);
      if (fields[0].equals(clock)) {
        return Long.parseLong(fields[1]) * SECOND + Long.parseLong(fields[2]);
      }
    }
    return 0;
  }
}
