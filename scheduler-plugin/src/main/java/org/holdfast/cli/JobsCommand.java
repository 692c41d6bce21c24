// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.failure.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code holdfast jobs}. */
@Command(name = "jobs", description = "Lists all jobs.", mixinStandardHelpOptions = true)
final class JobsCommand implements Callable<Integer> {
  private static final List<String> HEADER =
      List.of("JOB", "NAME", "STATE", "STARTED", "CHECKPOINT", "TAKEN", "COMMAND");

  private final Session session;

  @Option(names = "--json", description = "Print them as JSON.")
  boolean json;

  @Mixin StoreOption storeOption = new StoreOption();

  JobsCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    List<JobView> jobs =
        new Jobs(session.locations(), storeOption.path(session))
            .all().stream().map(JobView::of).toList();
    if (json) {
      Json.print(session.out(), jobs);
    } else {
      Text.table(session.out(), HEADER, jobs.stream().map(JobsCommand::row).toList());
    }
    return ExitCode.OK.number();
  }

  private static List<String> row(JobView job) {
    return List.of(
        Long.toString(job.id()),
        job.name().isEmpty() ? "-" : job.name(),
        job.exitCode().map(code -> job.state() + " " + code).orElse(job.state()),
        job.created().map(Text::time).orElse("-"),
        job.lastEpoch().map(Object::toString).orElse("-"),
        job.lastCheckpoint().map(Text::time).orElse("-"),
        Text.line(job.command()));
  }
}
