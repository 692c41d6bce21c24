// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.holdfast.coordinator.operation.Failures;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.runner.state.Reason;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/** The command line as a whole: its commands, and how failures are told. */
@Command(
    name = "holdfast",
    description = "Checkpoints long-running jobs of many processes, and restarts them.",
    mixinStandardHelpOptions = true,
    versionProvider = Holdfast.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "JOB is a job's number, or its name if no other job has it.",
      "",
      "A job's exit status is passed on. Holdfast's own failures exit with",
      "64 usage, 65 damaged or missing checkpoint, 69 refused, 70 internal,",
      "73 store, 75 busy, 126 the command cannot be run, 127 it does not exist."
    })
final class Holdfast {
  private final Session session;

  Holdfast(Session session) {
    this.session = session;
  }

  /** Runs a command; returns its exit code. */
  int run(String... arguments) {
    CommandLine line = new CommandLine(this);
    // What follows the command is the command's own.
    line.addSubcommand(new CommandLine(new RunCommand(session)).setStopAtPositional(true));
    line.addSubcommand(new CheckpointCommand(session));
    line.addSubcommand(new RestartCommand(session));
    line.addSubcommand(new JobsCommand(session));
    line.addSubcommand(new ShowCommand(session));
    line.addSubcommand(new InspectCommand(session));
    line.addSubcommand(new VerifyCommand(session));
    line.addSubcommand(new PruneCommand(session));
    line.addSubcommand(new ReindexCommand(session));
    line.setOut(new PrintWriter(session.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(session.err(), true, StandardCharsets.UTF_8));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler((error, given) -> usage(error));
    line.setExecutionExceptionHandler((error, command, result) -> failed(error));
    return line.execute(arguments);
  }

  private int usage(ParameterException error) {
    String command = error.getCommandLine().getCommandSpec().qualifiedName();
    session.note("%s: see '%s --help'".formatted(Reason.of(error), command));
    return ExitCode.USAGE.number();
  }

  private int failed(Exception error) {
    Failure failure = Failures.of("failed", error);
    session.note(failure.line());
    return failure.code().number();
  }

  /** The version that was built. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Holdfast.class.getPackage().getImplementationVersion();
      return new String[] {"holdfast " + Objects.requireNonNullElse(version, "development")};
    }
  }
}
