// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.holdfast.protocol.Namespace;

/**
 * {@code /proc} as the job sees it: the host's, or that of the job's own pid name space, which the
 * host reaches through the initial process's root folder.
 */
public final class ProcView {

  private static final Path HOST = Path.of("/proc");

  /** The number of the first process of a pid name space. */
  private static final int FIRST = 1;

  private final Path root;
  private final int hostInit;
  private final int init;

  /**
   * @param hostInit the initial process's number on the host
   * @param namespace whose numbers the job has
   */
  public ProcView(int hostInit, Namespace namespace) {
    boolean host = namespace.isHost();
    this.hostInit = hostInit;
    init = host ? hostInit : HostProcess.innermostPid(hostInit).orElse(FIRST);
    root = host ? HOST : HOST.resolve(Integer.toString(hostInit)).resolve("root/proc");
  }

  /** The folder of a process. */
  public Path of(int pid) {
    return root.resolve(Integer.toString(pid));
  }

  /** What is known of a process; empty: it does not exist. */
  public Optional<ProcStat> stat(int pid) {
    return ProcStat.read(of(pid));
  }

  /** Whether a process exists and has not ended. */
  public boolean lives(int pid) {
    return stat(pid).filter(stat -> !stat.zombie()).isPresent();
  }

  /** "process 12 (name)", for messages. */
  public String name(int pid) {
    return stat(pid)
        .map(stat -> "process %d (%s)".formatted(pid, stat.name()))
        .orElse("process " + pid);
  }

  /** The children of the job's initial process: its root and the orphans. */
  public List<Integer> orphans() {
    try {
      String children = Files.readString(of(init).resolve("task/" + init + "/children"));
      List<Integer> pids = new ArrayList<>();
      for (String pid : children.split(" ", -1)) {
        if (!pid.isBlank()) {
          pids.add(Integer.valueOf(pid.strip()));
        }
      }
      return pids;
    } catch (IOException e) {
      return List.of();
    }
  }

  /** What {@code /proc/PID/fd} shows for the caller's standard streams. */
  public List<String> streams() {
    return Stream.of("0", "1", "2").map(this::stream).toList();
  }

  /** The lines of the initial process's {@code timens_offsets}; none without time name spaces. */
  List<String> clockOffsets() {
    try {
      return Files.readAllLines(HOST.resolve(Integer.toString(hostInit)).resolve("timens_offsets"));
    } catch (IOException e) {
      return List.of();
    }
  }

  private String stream(String fd) {
    try {
      return Files.readSymbolicLink(
              HOST.resolve(Integer.toString(hostInit)).resolve("fd").resolve(fd))
          .toString();
    } catch (IOException e) {
      return "";
    }
  }
}
