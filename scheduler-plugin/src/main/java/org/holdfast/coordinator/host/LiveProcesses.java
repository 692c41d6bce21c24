// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds a job's processes without its runner: those whose environment names the job's socket. */
public final class LiveProcesses {
  private LiveProcesses() {}

  /** The numbers, on this host, of the processes that belong to the job of this runtime folder. */
  public static List<Long> of(Path runtime) {
    String socket = "=" + runtime.resolve("job.sock") + '\0';
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      return all.map(ProcessHandle::pid).filter(pid -> names(pid, socket)).toList();
    }
  }

  private static boolean names(long pid, String socket) {
    try {
      Path folder = Path.of("/proc", Long.toString(pid));
      if (!new String(Files.readAllBytes(folder.resolve("environ")), StandardCharsets.ISO_8859_1)
          .contains(socket)) {
        return false;
      }
      // The runner and the initial process name the socket too, but are not the job.
      String maps = Files.readString(folder.resolve("maps"), StandardCharsets.ISO_8859_1);
      return maps.contains("libholdfast.so");
    } catch (IOException e) {
      // Ended in the meantime, or another user's.
      return false;
    }
  }
}
