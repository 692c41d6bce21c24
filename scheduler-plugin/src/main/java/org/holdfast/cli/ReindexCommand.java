// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.coordinator.Coordinators;
import org.holdfast.coordinator.Database;
import org.holdfast.coordinator.JobCoordinator;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Settings;
import org.holdfast.failure.ExitCode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast reindex}. */
@Command(
    name = "reindex",
    description = "Makes the index anew from the store, which is the truth.",
    mixinStandardHelpOptions = true)
final class ReindexCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      paramLabel = "JOB",
      arity = "0..1",
      description = "The job's number or name; default: all jobs.")
  @Nullable String name;

  @Option(names = "--json", description = "Print what was found as JSON.")
  boolean json;

  @Mixin StoreOption storeOption = new StoreOption();

  /**
   * A job that was indexed.
   *
   * @param job its number
   * @param checkpoints how many usable ones it has
   */
  record Indexed(long job, int checkpoints) {}

  ReindexCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Settings settings = Settings.read(session.locations().configuration());
    Jobs jobs = new Jobs(session.locations(), storeOption.path(session));
    List<Indexed> indexed = new ArrayList<>();
    for (ManagedJob job : name == null ? jobs.all() : List.of(jobs.find(name))) {
      indexed.add(new Indexed(job.id(), reindex(job, settings)));
    }
    if (json) {
      Json.print(session.out(), indexed);
    } else {
      indexed.forEach(
          one ->
              session
                  .out()
                  .println("job %d: checkpoints %d".formatted(one.job(), one.checkpoints())));
    }
    return ExitCode.OK.number();
  }

  private int reindex(ManagedJob job, Settings settings) {
    Jobs.open(job);
    new Database(settings, job)
        .setDamagedAside()
        .ifPresent(
            kept ->
                session.note(
                    "%s: its index is damaged: it is made anew, the old one is %s"
                        .formatted(job.label(), kept)));
    try (JobCoordinator coordinator = Coordinators.of(job, settings)) {
      return coordinator.reindex();
    }
  }
}
