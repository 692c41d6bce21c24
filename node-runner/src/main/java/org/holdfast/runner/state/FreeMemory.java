// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory this host can give. */
public final class FreeMemory {

  private static final Path MEMORY = Path.of("/proc/meminfo");

  private FreeMemory() {}

  /**
   * What is free, or is a cache that can be given up, and the free part of the swap area; bytes.
   */
  public static long bytes() throws IOException {
    long free = 0;
    for (String line : Files.readAllLines(MEMORY)) {
      if (line.startsWith("MemAvailable:") || line.startsWith("SwapFree:")) {
        free += Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
      }
    }
    return free;
  }
}
