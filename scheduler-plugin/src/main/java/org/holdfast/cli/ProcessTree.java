// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Draws a tree of processes. */
final class ProcessTree {
  private final List<ProcessView> processes;
  private final List<String> lines = new ArrayList<>();

  private ProcessTree(List<ProcessView> processes) {
    this.processes = processes;
  }

  /** A line for each process, children below their parent. */
  static List<String> lines(List<ProcessView> processes) {
    ProcessTree tree = new ProcessTree(processes);
    Set<Integer> numbers = processes.stream().map(ProcessView::pid).collect(Collectors.toSet());
    processes.stream()
        .filter(process -> !numbers.contains(process.ppid()))
        .sorted(Comparator.comparingInt(ProcessView::pid))
        .forEach(root -> tree.draw(root, "", ""));
    return tree.lines;
  }

  private void draw(ProcessView process, String first, String further) {
    lines.add(first + text(process));
    List<ProcessView> children =
        processes.stream()
            .filter(child -> child.ppid() == process.pid())
            .sorted(Comparator.comparingInt(ProcessView::pid))
            .toList();
    for (int i = 0; i < children.size(); i++) {
      boolean last = i == children.size() - 1;
      draw(children.get(i), further + (last ? "└─ " : "├─ "), further + (last ? "   " : "│  "));
    }
  }

  private static String text(ProcessView process) {
    String what =
        switch (process.threads()) {
          case 0 -> " (zombie)";
          case 1 -> "";
          default -> " (" + process.threads() + " threads)";
        };
    return process.pid() + " " + process.command() + what;
  }
}
