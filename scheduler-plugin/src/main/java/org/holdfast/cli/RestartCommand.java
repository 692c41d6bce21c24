// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.holdfast.coordinator.CoordinatorService;
import org.holdfast.coordinator.host.Liveness;
import org.holdfast.coordinator.operation.Failures;
import org.holdfast.coordinator.operation.Interval;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Settings;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.runner.state.Reason;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast restart}. */
@Command(
    name = "restart",
    description =
        "Restarts a job from its newest good checkpoint, attached to this terminal, and exits as it"
            + " does.",
    mixinStandardHelpOptions = true)
final class RestartCommand implements Callable<Integer> {
  /** The whole memory is read before the job stands again. */
  private static final Duration START_LIMIT = Duration.ofHours(1);

  private final Session session;

  @Parameters(paramLabel = "JOB", description = "The job's number or name.")
  String name = "";

  @Option(
      names = "--epoch",
      paramLabel = "N",
      description = "The checkpoint to restart from; default: the newest good one.")
  @Nullable Integer epoch;

  @Mixin ExternalOption externalOption = new ExternalOption();

  @Mixin StoreOption storeOption = new StoreOption();

  RestartCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Settings settings = externalOption.in(Settings.read(session.locations().configuration()));
    ManagedJob job = Jobs.open(new Jobs(session.locations(), storeOption.path(session)).find(name));
    refuseIfRunning(job);
    Attended attended = new Attended(session, job, settings, Signals.take());
    try (CoordinatorService coordinator = attended.coordinator()) {
      // Again, because another restart may have been under way.
      refuseIfRunning(job);
      Interval interval = new Interval(job.folder().record().interval());
      Candidates candidates = new Candidates(session, job, settings, epoch);
      while (true) {
        int from = candidates.next();
        try {
          return attended.restart(from, interval, START_LIMIT, coordinator);
        } catch (JobNotStarted e) {
          candidates.failed(from, Reason.of(e));
        }
      }
    } catch (IOException e) {
      throw Failures.of(job.label(), e);
    }
  }

  private static void refuseIfRunning(ManagedJob job) {
    boolean running = Liveness.of(job.runtime()).running();
    if (running) {
      throw new Failure(
          ExitCode.REFUSED,
          "%s runs: 'holdfast show %d' shows it; end it before it is restarted"
              .formatted(job.label(), job.id()));
    }
  }
}
