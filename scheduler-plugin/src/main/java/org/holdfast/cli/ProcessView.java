// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.holdfast.coordinator.host.RunnerStatus;
import org.holdfast.image.Manifest;

/**
 * A process of a job.
 *
 * @param pid its number as the job sees it
 * @param ppid its parent's, 0: not of the job
 * @param threads how many it has, 0: a zombie
 * @param command what it runs
 */
record ProcessView(int pid, int ppid, int threads, String command) {

  /** The processes in a checkpoint. */
  static List<ProcessView> stored(Manifest manifest) {
    return manifest.processes().stream()
        .map(
            process ->
                new ProcessView(
                    process.pid(),
                    process.ppid(),
                    process.zombie() ? 0 : process.threads(),
                    process.commandLine().isEmpty()
                        ? process.name()
                        : Text.line(process.commandLine())))
        .toList();
  }

  /** The processes that are alive; who is whose parent, and what they run, the kernel tells. */
  static List<ProcessView> live(RunnerStatus status) {
    Map<Integer, Integer> byHost =
        status.processes().stream()
            .collect(
                Collectors.toMap(
                    RunnerStatus.LiveProcess::hostPid,
                    RunnerStatus.LiveProcess::pid,
                    (first, second) -> first));
    return status.processes().stream()
        .map(
            process ->
                new ProcessView(
                    process.pid(),
                    byHost.getOrDefault(number(process.hostPid(), "PPid:"), 0),
                    number(process.hostPid(), "Threads:"),
                    commandLine(process.hostPid()).orElse(process.name())))
        .toList();
  }

  private static int number(int hostPid, String field) {
    try {
      for (String line : Files.readAllLines(proc(hostPid, "status"), StandardCharsets.ISO_8859_1)) {
        if (line.startsWith(field)) {
          return Integer.parseInt(line.substring(field.length()).strip());
        }
      }
    } catch (IOException e) {
      // It has just ended: it is nobody's child and has no thread any more.
    }
    return 0;
  }

  private static Optional<String> commandLine(int hostPid) {
    try {
      String text = Files.readString(proc(hostPid, "cmdline"), StandardCharsets.ISO_8859_1);
      return text.isEmpty()
          ? Optional.empty()
          : Optional.of(Text.line(List.of(text.split("\0", 0))));
    } catch (IOException e) {
      // It has just ended: its name is all there is.
      return Optional.empty();
    }
  }

  private static Path proc(int hostPid, String file) {
    return Path.of("/proc", Integer.toString(hostPid), file);
  }
}
