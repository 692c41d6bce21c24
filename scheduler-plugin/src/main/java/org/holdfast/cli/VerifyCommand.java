// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.holdfast.coordinator.Coordinators;
import org.holdfast.coordinator.JobCoordinator;
import org.holdfast.coordinator.operation.EpochVerdict;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Settings;
import org.holdfast.failure.ExitCode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast verify}. */
@Command(
    name = "verify",
    description = "Reads a job's checkpoints in full and compares them with their checksums.",
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "JOB", description = "The job's number or name.")
  String name = "";

  @Option(names = "--epoch", paramLabel = "N", description = "Only this checkpoint.")
  @Nullable Integer epoch;

  @Option(names = "--json", description = "Print the verdicts as JSON.")
  boolean json;

  @Mixin StoreOption storeOption = new StoreOption();

  VerifyCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Settings settings = Settings.read(session.locations().configuration());
    ManagedJob job = Jobs.open(new Jobs(session.locations(), storeOption.path(session)).find(name));
    List<EpochVerdict> verdicts;
    try (ProgressLine line = ProgressLine.on(session, job);
        JobCoordinator coordinator = Coordinators.of(job, settings)) {
      OptionalInt only = epoch == null ? OptionalInt.empty() : OptionalInt.of(epoch);
      verdicts = coordinator.verify(only, line);
    }
    if (json) {
      Json.print(session.out(), verdicts);
    } else {
      verdicts.forEach(this::print);
    }
    return verdicts.stream().allMatch(EpochVerdict::good)
        ? ExitCode.OK.number()
        : ExitCode.BAD_IMAGE.number();
  }

  private void print(EpochVerdict verdict) {
    if (verdict.good()) {
      session
          .out()
          .println("checkpoint %d is good: %d files".formatted(verdict.epoch(), verdict.files()));
    }
    for (String damage : verdict.damage()) {
      session.out().println("checkpoint %d is damaged: %s".formatted(verdict.epoch(), damage));
    }
  }
}
