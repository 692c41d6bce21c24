// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.coordinator.host.RunnerClient;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.wire.PeerException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts a job's node runner and connects to it. */
final class Runner {
  private static final Logger LOG = LoggerFactory.getLogger(Runner.class);
  private static final Duration END = Duration.ofSeconds(10);
  private static final Duration DISPATCH = Duration.ofSeconds(30);
  private static final long POLL_MILLIS = 15;

  private final Path home;
  private final ManagedJob job;
  private @Nullable Process process;

  /**
   * @param home the folder that Holdfast was built in
   */
  Runner(Path home, ManagedJob job) {
    this.home = home;
    this.job = job;
  }

  ManagedJob job() {
    return job;
  }

  /** The live runner, when there is one. */
  static Optional<RunnerClient> live(Path runtime) {
    try {
      return Optional.of(RunnerClient.connect(runtime));
    } catch (PeerException e) {
      return Optional.empty();
    }
  }

  /**
   * Starts a runner in a session of its own, so that the terminal's signals do not reach it, with
   * this process's standard streams, and connects to it.
   *
   * @param mode {@code launch -- CMD...}, {@code restart EPOCH} or {@code adopt}
   * @throws Failure when it ends, or does not listen within 30 s
   */
  RunnerClient start(List<String> mode) {
    Process started = spawn(mode);
    process = started;
    long end = System.nanoTime() + DISPATCH.toNanos();
    while (System.nanoTime() < end) {
      Optional<RunnerClient> client = live(job.runtime());
      if (client.isPresent()) {
        return client.get();
      }
      if (!started.isAlive()) {
        throw notStarted("it ended with status " + started.exitValue());
      }
      pause();
    }
    started.destroy();
    throw notStarted("it did not answer within " + DISPATCH.toSeconds() + " s");
  }

  /** Waits for the end of the runner that this process started; it has nothing more to do. */
  void awaitEnd() {
    try {
      if (process != null && !process.waitFor(END.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{}: its node runner does not end", job.label());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The last line of the runner's log, or where to look when there is none. */
  String lastLog() {
    Path log = job.runtime().resolve("runner.log");
    try (Stream<String> lines = Files.lines(log)) {
      return lines.filter(line -> !line.isBlank()).reduce((first, second) -> second).orElse("its log is empty");
    } catch (IOException | UncheckedIOException e) {
      return "it left no log at " + log;
    }
  }

  private Process spawn(List<String> mode) {
    try {
      // A socket that a dead runner left would be found before the new one is there.
      if (live(job.runtime()).isEmpty()) {
        Files.deleteIfExists(job.runtime().resolve(RunnerClient.SOCKET));
      }
      ProcessBuilder builder = new ProcessBuilder(command(mode));
      builder.environment().remove(Locations.HOME);
      return builder
          .redirectInput(Redirect.INHERIT)
          .redirectOutput(Redirect.INHERIT)
          .redirectError(Redirect.INHERIT)
          .start();
    } catch (IOException e) {
      throw new Failure(
          ExitCode.INTERNAL, job.label() + ": cannot start the node runner: " + Failure.reason(e), e);
    }
  }

  private List<String> command(List<String> mode) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("setsid", java().toString()));
    command.addAll(
        List.of(
            "-Xmx64m", "-XX:MaxDirectMemorySize=48m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    // The job inherits the limits: the number of open files stays what the caller has.
    command.addAll(List.of("-Xshare:auto", "-XX:-UsePerfData", "-XX:-MaxFDLimit"));
    command.addAll(
        List.of("-jar", home.resolve("node-runner/target/lib/holdfast-node-runner.jar").toString()));
    command.addAll(List.of("--job", Long.toString(job.id()), "--runtime", job.runtime().toString()));
    command.addAll(List.of("--store", job.store().toString()));
    command.addAll(List.of("--preload", home.resolve("preload/build").toString()));
    command.addAll(mode);
    return command;
  }

  private Failure notStarted(String why) {
    return new Failure(
        ExitCode.INTERNAL, job.label() + ": the node runner did not start: " + why + ": " + lastLog());
  }

  private static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  private static void pause() {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(ExitCode.INTERNAL, "interrupted while the node runner started", e);
    }
  }
}
