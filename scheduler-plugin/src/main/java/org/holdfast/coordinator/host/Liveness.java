// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.holdfast.coordinator.wire.PeerException;

/**
 * Whether a job runs on this host.
 *
 * @param status what its node runner says, empty: it has none
 * @param orphans how many of its processes run without a node runner
 */
public record Liveness(Optional<RunnerStatus> status, int orphans) {
  /**
   * Looks.
   *
   * @param runtime the job's runtime folder, which is there as long as the job runs
   */
  public static Liveness of(Path runtime) {
    try (RunnerClient runner = RunnerClient.connect(runtime)) {
      return new Liveness(Optional.of(runner.status()), 0);
    } catch (PeerException e) {
      return new Liveness(
          Optional.empty(), Files.exists(runtime) ? LiveProcesses.of(runtime).size() : 0);
    }
  }

  /** Whether it is being started or restarted. */
  public boolean starting() {
    return status.filter(told -> told.state().equals("starting")).isPresent();
  }

  /** Whether it does, or soon will. */
  public boolean running() {
    return orphans > 0 || status.filter(told -> !told.ended()).isPresent();
  }
}
