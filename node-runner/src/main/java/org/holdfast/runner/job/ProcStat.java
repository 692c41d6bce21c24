// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.job;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process as {@code /proc/PID/stat} shows it.
 *
 * @param pid its number, in the view of that /proc
 * @param name its short name
 * @param state one letter, see proc(5)
 * @param parent its parent
 * @param group its process group
 * @param session its session
 */
public record ProcStat(int pid, String name, char state, int parent, int group, int session) {

  /** Reads it from a process's folder; empty when there is no such process. */
  public static Optional<ProcStat> read(Path folder) {
    try {
      return Optional.of(
          parse(
              new String(Files.readAllBytes(folder.resolve("stat")), StandardCharsets.ISO_8859_1)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static ProcStat parse(String line) {
    int open = line.indexOf('(');
    int close = line.lastIndexOf(')');
    String[] rest = line.substring(close + 2).split(" ", 5);
    return new ProcStat(
        Integer.parseInt(line.substring(0, open - 1)),
        line.substring(open + 1, close),
        rest[0].charAt(0),
        Integer.parseInt(rest[1]),
        Integer.parseInt(rest[2]),
        Integer.parseInt(rest[3].strip()));
  }

  /** Whether it has ended and waits for its parent. */
  public boolean zombie() {
    return state == 'Z' || state == 'X';
  }

  /** Whether a signal has stopped it, or a debugger. */
  public boolean stopped() {
    return state == 'T' || state == 't';
  }
}
