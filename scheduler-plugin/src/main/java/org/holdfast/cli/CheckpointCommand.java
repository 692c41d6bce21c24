// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.util.concurrent.Callable;
import org.holdfast.coordinator.Coordinators;
import org.holdfast.coordinator.JobCoordinator;
import org.holdfast.coordinator.host.Liveness;
import org.holdfast.coordinator.host.Then;
import org.holdfast.coordinator.operation.CheckpointResult;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Settings;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast checkpoint}. */
@Command(
    name = "checkpoint",
    description = "Takes a checkpoint of a job that runs, and waits until it is safe.",
    mixinStandardHelpOptions = true)
final class CheckpointCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "JOB", description = "The job's number or name.")
  String name = "";

  @Option(
      names = "--then",
      paramLabel = "WHAT",
      description = "What the job does afterwards: ${COMPLETION-CANDIDATES}; default: continue.",
      completionCandidates = ThenWords.class)
  Then then = Then.CONTINUE;

  @Option(names = "--json", description = "Print the result as JSON.")
  boolean json;

  @Mixin StoreOption storeOption = new StoreOption();

  CheckpointCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Settings settings = Settings.read(session.locations().configuration());
    ManagedJob job = new Jobs(session.locations(), storeOption.path(session)).find(name);
    Liveness live = Liveness.of(job.runtime());
    if (!live.running()) {
      throw new Failure(
          ExitCode.REFUSED,
          "%s does not run on this host: 'holdfast restart %d' restarts it"
              .formatted(job.label(), job.id()));
    }
    Jobs.open(job);
    if (live.status().isEmpty()) {
      new Runner(session.locations().home(), job).adopt().close();
    }
    try (ProgressLine line = ProgressLine.on(session, job);
        JobCoordinator coordinator = Coordinators.of(job, settings)) {
      CheckpointResult result = coordinator.checkpoint(then, line);
      line.close();
      result.warnings().forEach(session::note);
      if (json) {
        Json.print(session.out(), result);
      } else {
        session.out().println(sentence(job, result));
      }
      return (result.warnings().isEmpty() ? ExitCode.OK : ExitCode.REFUSED).number();
    }
  }

  private static String sentence(ManagedJob job, CheckpointResult result) {
    return "checkpoint %d of %s: %d processes, %d threads, %s in %s (ratio %s), stopped %s, written in %s"
        .formatted(
            result.epoch(),
            job.label(),
            result.processes(),
            result.threads(),
            Text.bytes(result.rawBytes()),
            Text.bytes(result.storedBytes()),
            Text.ratio(result.rawBytes(), result.storedBytes()),
            Text.nanos(result.stopNs()),
            Text.nanos(result.writeNs()));
  }
}
