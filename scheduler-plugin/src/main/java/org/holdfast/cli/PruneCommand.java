// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.coordinator.Coordinators;
import org.holdfast.coordinator.JobCoordinator;
import org.holdfast.coordinator.operation.Failures;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Settings;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast prune}. */
@Command(
    name = "prune",
    description = "Removes old checkpoints, never a job's last good one.",
    mixinStandardHelpOptions = true)
final class PruneCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      paramLabel = "JOB",
      arity = "0..1",
      description = "The job's number or name; default: all jobs.")
  @Nullable String name;

  @Option(
      names = "--keep",
      paramLabel = "N",
      description = "How many good checkpoints stay; default: what the job was started with.")
  @Nullable Integer keep;

  @Option(names = "--json", description = "Print what was removed as JSON.")
  boolean json;

  @Mixin StoreOption storeOption = new StoreOption();

  /**
   * What was removed from one job.
   *
   * @param job its number
   * @param epochs the checkpoints
   */
  record Removed(long job, List<Integer> epochs) {}

  PruneCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (keep != null && keep < 1) {
      throw new Failure(ExitCode.USAGE, "--keep: at least 1, for the last good one always stays");
    }
    Settings settings = Settings.read(session.locations().configuration());
    Jobs jobs = new Jobs(session.locations(), storeOption.path(session));
    List<Removed> removed = new ArrayList<>();
    for (ManagedJob job : name == null ? jobs.all() : List.of(jobs.find(name))) {
      removed.add(new Removed(job.id(), prune(job, settings)));
    }
    if (json) {
      Json.print(session.out(), removed);
    } else {
      removed.forEach(
          one ->
              one.epochs()
                  .forEach(
                      epoch ->
                          session
                              .out()
                              .println(
                                  "job %d: checkpoint %d removed".formatted(one.job(), epoch))));
    }
    return ExitCode.OK.number();
  }

  private List<Integer> prune(ManagedJob job, Settings settings) {
    Jobs.open(job);
    try (JobCoordinator coordinator = Coordinators.of(job, settings)) {
      return coordinator.prune(keep != null ? keep : job.folder().record().keep());
    } catch (IOException e) {
      throw Failures.of(job.label(), e);
    }
  }
}
