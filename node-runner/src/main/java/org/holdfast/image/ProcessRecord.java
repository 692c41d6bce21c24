// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.util.List;
import java.util.Objects;

/**
 * A process of the job at the checkpoint.
 *
 * @param host where it ran
 * @param pid its number as the job sees it, like the three that follow
 * @param ppid its parent's; 0 when its parent is not of the job
 * @param pgid its process group
 * @param sid its session
 * @param name its short name (comm)
 * @param exe path of its executable; empty for a zombie
 * @param commandLine its arguments; empty for a zombie
 * @param threads how many it has; 0 for a zombie
 * @param zombie whether it has ended and waits for its parent
 * @param status how a zombie ended, as wait(2) gives it; 0 otherwise
 * @param driver whether the kernel driver stopped it
 */
public record ProcessRecord(
    String host,
    int pid,
    int ppid,
    int pgid,
    int sid,
    String name,
    String exe,
    List<String> commandLine,
    int threads,
    boolean zombie,
    int status,
    boolean driver) {

  /** Checks and copies. */
  public ProcessRecord {
    Objects.requireNonNull(host, "host");
    Check.that(pid > 0, "process number is not positive: " + pid);
    Check.that(ppid >= 0 && pgid >= 0 && sid >= 0, "negative number in process " + pid);
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(exe, "exe");
    commandLine = List.copyOf(commandLine);
    Check.notNegative("threads", threads);
  }
}
