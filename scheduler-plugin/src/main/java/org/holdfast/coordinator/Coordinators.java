// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Settings;
import org.holdfast.coordinator.wire.PeerException;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;

/** Finds the coordinator of a job, or becomes it. */
public final class Coordinators {
  /** Between taking its lock and listening, and at its end, a coordinator cannot be reached. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final Duration PAUSE = Duration.ofMillis(50);

  private Coordinators() {}

  /**
   * The job's coordinator: the one that there is, else this process from now on.
   *
   * @throws Failure when there is one that does not answer
   */
  public static JobCoordinator of(ManagedJob job, Settings settings) {
    return await(
        job, () -> live(job).or(() -> CoordinatorService.open(job, settings).map(own -> own)));
  }

  /**
   * This process, as the job's coordinator.
   *
   * @throws Failure when another one does not end
   */
  public static CoordinatorService own(ManagedJob job, Settings settings) {
    return await(job, () -> CoordinatorService.open(job, settings));
  }

  private static <T> T await(ManagedJob job, Supplier<Optional<T>> attempt) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      Optional<T> found = attempt.get();
      if (found.isPresent()) {
        return found.get();
      }
      pause();
    }
    throw new Failure(
        ExitCode.BUSY,
        "%s: another command is at work on it: see 'holdfast show %d', and try again"
            .formatted(job.label(), job.id()));
  }

  /** The job's coordinator when another process is it. */
  public static Optional<JobCoordinator> live(ManagedJob job) {
    try {
      return Optional.of(RemoteCoordinator.connect(job));
    } catch (PeerException e) {
      return Optional.empty();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(ExitCode.INTERNAL, "interrupted", e);
    }
  }
}
