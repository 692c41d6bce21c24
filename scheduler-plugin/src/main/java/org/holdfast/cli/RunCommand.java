// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.holdfast.coordinator.operation.Failures;
import org.holdfast.coordinator.operation.Interval;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Settings;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.image.JobRecord;
import org.holdfast.image.JobState;
import org.holdfast.runner.state.Reason;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast run}. */
@Command(
    name = "run",
    description = "Runs a command as a job that is checkpointed, and exits as it does.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final Duration START_LIMIT = Duration.ofMinutes(1);

  private final Session session;

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      description = "Time between checkpoints, such as 30m, 90s or 2h, or none; default: 30m.")
  @Nullable String interval;

  @Option(names = "--name", paramLabel = "NAME", description = "A name to call the job by.")
  String name = "";

  @Mixin ExternalOption externalOption = new ExternalOption();

  @Mixin StoreOption storeOption = new StoreOption();

  @Parameters(paramLabel = "CMD", arity = "1..*", description = "The command and its arguments.")
  List<String> command = new ArrayList<>();

  RunCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Settings settings = externalOption.in(Settings.read(session.locations().configuration()));
    Interval every = interval(settings);
    checkName();
    Programs.check(
        command.get(0), session.directory(), session.environment().getOrDefault("PATH", ""));
    Signals signals = Signals.take();
    Jobs jobs = new Jobs(session.locations(), storeOption.path(session));
    ManagedJob job = Jobs.open(create(jobs, every, settings.keep()));
    return new Attended(session, job, settings, signals).launch(command, every, START_LIMIT);
  }

  private Interval interval(Settings settings) {
    try {
      return interval == null ? settings.interval() : Interval.parse(interval);
    } catch (IllegalArgumentException e) {
      throw new Failure(ExitCode.USAGE, "--interval: " + Reason.of(e), e);
    }
  }

  private void checkName() {
    if (name.matches("\\d+")) {
      throw new Failure(
          ExitCode.USAGE, "--name: '%s' could be a job's number: choose another".formatted(name));
    }
  }

  private ManagedJob create(Jobs jobs, Interval every, int keep) {
    try {
      return jobs.managed(jobs.store().create(id -> record(id, every, keep)));
    } catch (IOException e) {
      throw Failures.of("cannot make a job in the store " + jobs.store().root(), e);
    }
  }

  private JobRecord record(long id, Interval every, int keep) {
    Map<String, String> environment = new TreeMap<>(session.environment());
    environment.remove(Locations.HOME);
    return new JobRecord(
        JobRecord.SCHEMA,
        id,
        name,
        command,
        session.directory().toString(),
        environment,
        umask(),
        System.getProperty("user.name"),
        Host.name(),
        every.duration(),
        keep,
        Instant.now(),
        JobState.STARTING,
        Optional.empty());
  }

  private static int umask() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("Umask:")) {
          return Integer.parseInt(line.substring("Umask:".length()).strip(), 8);
        }
      }
    } catch (IOException e) {
      throw new Failure(ExitCode.INTERNAL, "cannot read /proc/self/status", e);
    }
    throw new Failure(ExitCode.INTERNAL, "/proc/self/status does not tell the umask");
  }
}
