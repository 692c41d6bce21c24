// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.holdfast.protocol.Namespace;
import org.holdfast.protocol.ThreadState;
import org.holdfast.runner.job.ProcStat;
import org.holdfast.runner.state.StateFiles;
import org.holdfast.runner.state.ZombieState;

/**
 * Which process numbers a job needs, and whether this host can give them. A number is taken by a
 * process or thread, and by a group or session that has it.
 */
final class ProcessNumbers {

  private static final long CAN_CHOOSE =
      1L << 21 | 1L << 40; // CAP_SYS_ADMIN, CAP_CHECKPOINT_RESTORE
  private static final int FIRST_SPARE = 300;

  private final Path proc;
  private final Set<Integer> needed = new HashSet<>();
  private final int initial;
  private int spare = FIRST_SPARE;

  /**
   * @param proc this host's /proc
   * @param images of all processes
   */
  ProcessNumbers(Path proc, List<StateFiles.Content> images) {
    this.proc = proc;
    for (StateFiles.Content image : images) {
      needed.add(image.process().process().pid());
      needed.add(image.process().process().pgid());
      needed.add(image.process().process().sid());
      image.threads().stream().map(ThreadState::tid).forEach(needed::add);
      for (ZombieState zombie : image.process().zombies()) {
        needed.addAll(Set.of(zombie.pid()));
        needed.add(zombie.pgid());
        needed.add(zombie.sid());
      }
    }
    initial = parentOfAll(images);
    needed.add(initial);
  }

  /** The number of the initial process: the parent that is not of the job. */
  int initial() {
    return initial;
  }

  /** The highest. */
  int last() {
    return Collections.max(needed);
  }

  private static int parentOfAll(List<StateFiles.Content> images) {
    Set<Integer> pids = new HashSet<>();
    images.forEach(image -> pids.add(image.process().process().pid()));
    return images.stream()
        .map(image -> image.process().process().ppid())
        .filter(parent -> !pids.contains(parent))
        .findFirst()
        .orElseThrow();
  }

  /**
   * The name space that needs the least: the host's, if it can give all numbers. The first process
   * of one of its own has number 1, which the host's has, too.
   *
   * @param granted whether the kernel driver lets an ordinary user choose
   */
  Namespace choose(boolean root, boolean granted) throws IOException {
    boolean mayChoose = mayChoose();
    if ((mayChoose || granted) && areFree()) {
      return mayChoose ? Namespace.HOST : Namespace.GRANTED;
    }
    return ofItsOwn(root);
  }

  /** A name space where no number can be taken. */
  static Namespace ofItsOwn(boolean root) {
    return root ? Namespace.PID : Namespace.USER;
  }

  /** A number that neither the job nor the host has. */
  int nextSpare() {
    do {
      spare++;
    } while (needed.contains(spare) || Files.exists(proc.resolve(Integer.toString(spare))));
    return spare;
  }

  /** Behind the highest number of this host; a pid name space may have higher ones. */
  private int end() throws IOException {
    // Not by readString, whose first read is of one byte: the kernel gives no more of it then.
    return Integer.parseInt(Files.readAllLines(proc.resolve("sys/kernel/pid_max")).get(0));
  }

  private boolean mayChoose() throws IOException {
    for (String line : Files.readAllLines(proc.resolve("self/status"))) {
      if (line.startsWith("CapEff:")) {
        return (Long.parseUnsignedLong(line.substring(7).strip(), 16) & CAN_CHOOSE) != 0;
      }
    }
    return false;
  }

  private boolean areFree() throws IOException {
    if (last() >= end()) {
      return false;
    }
    for (int number : needed) {
      if (Files.exists(proc.resolve(Integer.toString(number)))) {
        return false;
      }
    }
    try (Stream<Path> folders = Files.list(proc)) {
      return folders
          .filter(folder -> Character.isDigit(folder.getFileName().toString().charAt(0)))
          .flatMap(folder -> ProcStat.read(folder).stream())
          .noneMatch(stat -> needed.contains(stat.group()) || needed.contains(stat.session()));
    }
  }
}
