// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.rehearsal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.protocol.ChildState;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.Gathered;
import org.holdfast.protocol.ProcessState;
import org.holdfast.protocol.ThreadState;

/** The states that the actors tell: some of everything that a usual job has. */
final class Script {

  private static final int THREADS = 4;
  private static final String SHARED =
      "7f0000000000-7f0000100000 rw-s 00000000 00:01 77 /dev/zero (deleted)\n";

  private Script() {}

  /**
   * The state of a process.
   *
   * @param pid its number
   * @param child its child, 0: none
   */
  static Gathered of(int pid, int child) throws IOException {
    List<ThreadState> threads = new ArrayList<>();
    for (int n = 0; n < THREADS; n++) {
      threads.add(new ThreadState(pid + n, 202, 0, 0, "actor"));
    }
    byte[] maps =
        (Files.readString(Path.of("/proc/self/maps")) + SHARED).getBytes(StandardCharsets.UTF_8);
    return new Gathered(
        new ProcessState(pid, 1, pid, pid, 0, 0, 0, 18, 0, 0, 0, "/bin/true", "/"),
        threads,
        descriptors(),
        child == 0 ? List.of() : List.of(new ChildState(child, false, 0)),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        ByteBuffer.wrap(maps));
  }

  private static List<DescriptorState> descriptors() {
    return List.of(
        descriptor(0, 0, 0020666, 0x103, "/dev/null", ""),
        descriptor(1, 0101, 0100644, 0, "/tmp/output", ""),
        descriptor(2, 0101, 0100644, 0, "/tmp/gone (deleted)", ""),
        descriptor(3, 0, 0010600, 0, "pipe:[3]", ""),
        descriptor(4, 1, 0010600, 0, "pipe:[3]", ""),
        descriptor(5, 2, 0600, 0, "anon_inode:[eventfd]", "eventfd-count:                0\n"),
        descriptor(6, 2, 0600, 0, "anon_inode:[eventpoll]", ""),
        descriptor(7, 2, 0600, 0, "anon_inode:[timerfd]", ""),
        descriptor(8, 2, 0600, 0, "anon_inode:[signalfd]", "sigmask:\t0000000000000002\n"),
        descriptor(9, 0, 0040755, 0, "/tmp", ""));
  }

  private static DescriptorState descriptor(
      int fd, int flags, int mode, long rdev, String link, String info) {
    int inode = link.startsWith("pipe:") ? 3 : fd;
    String lines = "pos:\t0\nflags:\t0100000\nmnt_id:\t1\nino:\t" + inode + "\n" + info;
    int links = link.endsWith("(deleted)") ? 0 : 1;
    return new DescriptorState(fd, 0, flags, mode, 1, inode, rdev, 0, 0, links, link, lines);
  }
}
