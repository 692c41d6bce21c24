// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.holdfast.protocol.MemoryRange;
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

  /** An area of a file that was mapped to be executed. */
  public static Area mapping(Path file, Optional<FileStamp> stamp) {
    return new Area(
        new MemoryRange(0x1000, 0x2000),
        "r-xp",
        Area.Kind.FILE,
        0,
        file.toString(),
        new FileId(1, 2),
        List.of(),
        stamp);
  }

  /** An area of one page of a file that was mapped shared, and written. */
  public static Area written(Path file, FileStamp stamp) {
    return new Area(
        new MemoryRange(0x1000, 0x2000),
        "rw-s",
        Area.Kind.SHARED_FILE,
        0,
        file.toString(),
        new FileId(1, 2),
        List.of(),
        Optional.of(stamp));
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
