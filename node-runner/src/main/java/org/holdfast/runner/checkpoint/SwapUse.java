// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.holdfast.protocol.MemoryRange;
import org.holdfast.runner.job.ProcView;
import org.holdfast.runner.state.AreaFlags;
import org.holdfast.runner.state.Refusal;

/**
 * What of a job's memory is in the swap area. To mincore(2) such a page of a shared area looks as
 * one that was never touched; {@code /proc/PID/smaps} tells, which takes time where much memory is
 * mapped, so it is only asked where the host uses swap at all.
 */
final class SwapUse implements SharedMemory.Swap {

  private static final Path AREAS = Path.of("/proc/swaps");
  private static final int USED = 3;

  private final ProcView proc;
  private final Map<Integer, AreaFlags> areas = new HashMap<>();

  SwapUse(ProcView proc) {
    this.proc = proc;
  }

  @Override
  public boolean has(int pid, MemoryRange area) throws Refusal {
    try {
      return isUsed() && areas(pid).isSwapped(area);
    } catch (IOException e) {
      throw new Refusal(
          "it cannot be told what of memory %s is in the swap area: %s"
              .formatted(area, e.getMessage()));
    }
  }

  private static boolean isUsed() throws IOException {
    return Files.exists(AREAS) // a kernel may know no swap
        && Files.readAllLines(AREAS).stream()
            .skip(1)
            .anyMatch(line -> !line.split("\\s+", -1)[USED].equals("0"));
  }

  private AreaFlags areas(int pid) throws IOException {
    AreaFlags known = areas.get(pid);
    if (known == null) {
      known = AreaFlags.read(proc.of(pid).resolve("smaps"));
      areas.put(pid, known);
    }
    return known;
  }
}
