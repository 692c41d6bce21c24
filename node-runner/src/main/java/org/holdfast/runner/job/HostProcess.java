// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * A process of the job as the host sees it.
 *
 * @param pid its number as the job sees it
 * @param hostPid its number on the host
 * @param name its short name
 */
public record HostProcess(int pid, int hostPid, String name) {

  private static final Path PROC = Path.of("/proc");

  /**
   * All descendants of a process, without those that have ended.
   *
   * @param ancestor its number on the host
   */
  static List<HostProcess> descendants(int ancestor) {
    Map<Integer, List<ProcStat>> children = new HashMap<>();
    for (ProcStat stat : all()) {
      children.computeIfAbsent(stat.parent(), unused -> new ArrayList<>()).add(stat);
    }
    List<HostProcess> found = new ArrayList<>();
    collect(ancestor, children, found);
    return found;
  }

  private static void collect(
      int parent, Map<Integer, List<ProcStat>> children, List<HostProcess> found) {
    for (ProcStat child : children.getOrDefault(parent, List.of())) {
      if (!child.zombie()) {
        found.add(
            new HostProcess(
                innermostPid(child.pid()).orElse(child.pid()), child.pid(), child.name()));
      }
      collect(child.pid(), children, found);
    }
  }

  private static List<ProcStat> all() {
    try (Stream<Path> folders = Files.list(PROC)) {
      return folders
          .filter(folder -> Character.isDigit(folder.getFileName().toString().charAt(0)))
          .map(ProcStat::read)
          .flatMap(Optional::stream)
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /**
   * The number of a process in its own name space: the last of {@code NSpid}; empty: it has ended.
   *
   * @param hostPid its number on the host
   */
  static OptionalInt innermostPid(int hostPid) {
    try {
      return Files.readAllLines(PROC.resolve(Integer.toString(hostPid)).resolve("status")).stream()
          .filter(line -> line.startsWith("NSpid:"))
          .mapToInt(line -> Integer.parseInt(line.substring(line.lastIndexOf('\t') + 1)))
          .findFirst();
    } catch (IOException e) {
      return OptionalInt.empty();
    }
  }
}
