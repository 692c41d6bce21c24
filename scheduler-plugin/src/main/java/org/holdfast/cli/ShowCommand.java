// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Settings;
import org.holdfast.failure.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast show}. */
@Command(
    name = "show",
    description = "Shows a job: its tree of processes and its checkpoints.",
    mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {
  private static final List<String> HEADER =
      List.of(
          "EPOCH", "TAKEN", "STATUS", "IMAGES", "RAW", "STORED", "RATIO", "STOPPED", "BARRIER",
          "WRITTEN", "REASON");

  private final Session session;

  @Parameters(paramLabel = "JOB", description = "The job's number or name.")
  String name = "";

  @Option(names = "--json", description = "Print it as JSON.")
  boolean json;

  @Mixin StoreOption storeOption = new StoreOption();

  ShowCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Settings settings = Settings.read(session.locations().configuration());
    ManagedJob job = new Jobs(session.locations(), storeOption.path(session)).find(name);
    JobDetails details = JobDetails.of(job, settings);
    if (json) {
      Json.print(session.out(), details);
    } else {
      print(session.out(), details);
    }
    details.notes().forEach(session::note);
    return ExitCode.OK.number();
  }

  private static void print(PrintStream out, JobDetails details) {
    JobView job = details.job();
    out.println("job         " + job.id() + (job.name().isEmpty() ? "" : " (" + job.name() + ")"));
    out.println("state       " + job.state() + job.exitCode().map(code -> " " + code).orElse(""));
    out.println("host        " + job.host());
    out.println("started     " + job.created().map(Text::time).orElse("-"));
    out.println("directory   " + details.directory());
    out.println("command     " + Text.line(job.command()));
    out.println("interval    " + details.interval());
    out.println();
    out.println("processes " + details.processesAt());
    details.tree().forEach(line -> out.println("  " + line));
    out.println();
    List<List<String>> rows = new ArrayList<>();
    details.checkpoints().forEach(checkpoint -> rows.add(row(checkpoint)));
    Text.table(out, HEADER, rows);
    details.checkpoints().forEach(checkpoint -> printConnections(out, checkpoint));
  }

  private static void printConnections(PrintStream out, CheckpointView checkpoint) {
    if (!checkpoint.connections().isEmpty()) {
      out.println();
      out.println(
          "connections that leave the job, reset after a restart from checkpoint "
              + checkpoint.epoch());
      checkpoint.connections().forEach(line -> out.println("  " + line));
    }
  }

  private static List<String> row(CheckpointView checkpoint) {
    boolean usable = checkpoint.status().equals("committed");
    return List.of(
        Integer.toString(checkpoint.epoch()),
        checkpoint.time().map(Text::time).orElse("-"),
        checkpoint.status().toLowerCase(Locale.ROOT),
        usable ? Integer.toString(checkpoint.images()) : "-",
        usable ? Text.bytes(checkpoint.rawBytes()) : "-",
        usable ? Text.bytes(checkpoint.storedBytes()) : "-",
        usable ? Text.ratio(checkpoint.rawBytes(), checkpoint.storedBytes()) : "-",
        usable ? Text.nanos(checkpoint.stopNs()) : "-",
        usable ? checkpoint.barrier() : "-",
        usable ? Text.nanos(checkpoint.writeNs()) : "-",
        checkpoint.reason());
  }
}
