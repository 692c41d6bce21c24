// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

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
      return new Liveness(Optional.empty(), LiveProcesses.of(job.runtime()).size());
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

  /** Whether it does. */
  boolean running() {
    return orphans > 0 || status.filter(told -> !told.ended()).isPresent();
  }
}
