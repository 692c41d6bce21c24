// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.job;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Logger;
import org.holdfast.runner.state.Reason;

/**
 * Gives processes that have no interceptor, statically linked ones above all, a checkpoint thread:
 * {@code holdfast-enlist}, which says when a process has one or is about to. They connect by
 * themselves then.
 */
public final class Enlister {

  private static final Logger LOG = Logger.getLogger(Enlister.class.getName());

  /** What {@code holdfast-enlist} ends with when a process has, or will have, its own. */
  private static final int LATER = 2;

  private final Path programs;
  private final Path socket;
  private final Map<Integer, String> failures = new HashMap<>();

  /**
   * @param programs the folder of {@code holdfast-enlist}
   * @param socket where processes connect
   */
  public Enlister(Path programs, Path socket) {
    this.programs = programs;
    this.socket = socket;
  }

  /**
   * Enlists a process.
   *
   * @param process which
   * @param initial the job's initial process, as the host sees it
   * @return whether it connects now
   */
  public synchronized boolean enlist(HostProcess process, int initial) throws InterruptedException {
    failures.remove(process.pid());
    try {
      Process program =
          new ProcessBuilder(
                  programs.resolve("holdfast-enlist").toString(),
                  programs.resolve("holdfast-engine").toString(),
                  Integer.toString(process.hostPid()),
                  Integer.toString(initial),
                  socket.toString())
              .start();
      String said =
          new String(program.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      int status = program.waitFor();
      if (status != 0 && status != LATER) {
        fail(process, said);
      }
      return status == 0;
    } catch (IOException e) {
      fail(process, Reason.of(e));
      return false;
    }
  }

  private void fail(HostProcess process, String why) {
    LOG.info("process %d cannot be enlisted: %s".formatted(process.pid(), why));
    failures.put(process.pid(), why);
  }

  /** Why a process could not be enlisted when it was tried last; empty: it was not, or could. */
  public synchronized Optional<String> failure(int pid) {
    return Optional.ofNullable(failures.get(pid));
  }
}
