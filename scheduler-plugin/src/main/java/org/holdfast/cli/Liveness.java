// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.nio.file.Files;
import java.util.Optional;
import org.holdfast.coordinator.host.RunnerClient;
import org.holdfast.coordinator.host.RunnerStatus;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.wire.PeerException;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;

/**
 * Whether a job runs on this host.
 *
 * @param status what its node runner says, empty: it has none
 * @param orphans how many of its processes run without a node runner
 */
record Liveness(Optional<RunnerStatus> status, int orphans) {
  /** Looks. */
  static Liveness of(ManagedJob job) {
    try (RunnerClient runner = RunnerClient.connect(job.runtime())) {
      return new Liveness(Optional.of(runner.status()), 0);
    } catch (PeerException e) {
      // The runtime folder is there as long as the job is.
      return new Liveness(
          Optional.empty(),
          Files.exists(job.runtime()) ? LiveProcesses.of(job.runtime()).size() : 0);
    }
  }

  /**
   * Looks, and refuses a job that does not run.
   *
   * @throws Failure saying so
   */
  static Liveness requireRunning(ManagedJob job) {
    Liveness found = of(job);
    if (!found.running()) {
      throw new Failure(
          ExitCode.REFUSED,
          "%s does not run on this host: 'holdfast restart %d' restarts it"
              .formatted(job.label(), job.id()));
    }
    return found;
  }

  /** Whether it is being started or restarted. */
  boolean starting() {
    return status.filter(told -> told.state().equals("starting")).isPresent();
  }

  /** Whether it does, or soon will. */
  boolean running() {
    return orphans > 0 || status.filter(told -> !told.ended()).isPresent();
  }
}
