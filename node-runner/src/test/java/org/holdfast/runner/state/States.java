// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.List;
import org.holdfast.protocol.ProcessState;
import org.holdfast.protocol.ThreadState;

/** States of processes, for tests. */
public final class States {

  /** The job's root in all of them. */
  public static final int ROOT = 100;

  private States() {}

  /** A process without descriptors and memory. */
  public static StateFiles.Content process(
      int pid, int ppid, int pgid, int sid, ZombieState... zombies) {
    return content(pid, ppid, pgid, sid, List.of(), List.of(), zombies);
  }

  /** A process. */
  public static StateFiles.Content content(
      int pid,
      int ppid,
      int pgid,
      int sid,
      List<OpenDescriptor> descriptors,
      List<Area> areas,
      ZombieState... zombies) {
    ProcessState process =
        new ProcessState(pid, ppid, pgid, sid, 0, 0, 0, 18, 0, 0x300041L, 0x300042L, "/bin/a", "/");
    return new StateFiles.Content(
        new ProcessFile(process, List.of(zombies), new ProcessFile.JobFacts(ROOT, 0, 5, 6)),
        List.of(new ThreadState(pid, -1, 0, 0, "a")),
        descriptors,
        List.of(),
        areas);
  }
}
