// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many descriptors a process may have open. */
final class OpenFiles {

  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final String LINE = "Max open files";

  private OpenFiles() {}

  /** The hard limit. */
  static long limit() throws IOException {
    return Files.readAllLines(LIMITS).stream()
        .filter(line -> line.startsWith(LINE))
        .map(line -> line.substring(LINE.length()).strip().split(" +", -1)[1])
        .mapToLong(hard -> hard.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(hard))
        .findFirst()
        .orElse(Long.MAX_VALUE);
  }
}
