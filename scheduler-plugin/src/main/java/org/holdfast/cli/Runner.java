// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.holdfast.coordinator.host.RunnerClient;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.wire.PeerException;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.runner.state.Reason;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts a job's node runner and connects to it. */
final class Runner {
  private static final Logger LOG = LoggerFactory.getLogger(Runner.class);
  private static final Duration END = Duration.ofSeconds(10);
  private static final Duration DISPATCH = Duration.ofMinutes(2);
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
   * @param mode {@code launch -- CMD...} or {@code restart EPOCH}
   * @throws Failure when it ends, or does not listen within 30 s
   */
  RunnerClient start(List<String> mode) {
    Process started = spawn(mode, Redirect.INHERIT, Redirect.INHERIT, Redirect.INHERIT);
    process = started;
    return connect(started);
  }

  /**
   * Starts a runner that takes the job over from one that died, and connects to it or to another
   * that was quicker. It outlives this process.
   *
   * @throws Failure when there is none within 30 s
   */
  RunnerClient adopt() {
    File none = new File("/dev/null");
    return connect(
        spawn(List.of("adopt"), Redirect.from(none), Redirect.to(none), Redirect.to(none)));
  }

  private RunnerClient connect(Process started) {
    long end = System.nanoTime() + DISPATCH.toNanos();
    while (System.nanoTime() < end) {
      // In this order: a runner that has ended may have left its place to another.
      boolean ended = !started.isAlive();
      Optional<RunnerClient> client = live(job.runtime());
      if (client.isPresent()) {
        return client.get();
      }
      if (ended && !anotherStarts()) {
        throw notStarted("it ended with status " + started.exitValue());
      }
      pause();
    }
    started.destroy();
    throw notStarted("it did not answer within " + DISPATCH.toSeconds() + " s");
  }

  /** Whether another runner has locked the runtime folder, so that it will listen soon. */
  private boolean anotherStarts() {
    try (FileChannel pid =
            FileChannel.open(job.runtime().resolve("runner.pid"), StandardOpenOption.WRITE);
        FileLock lock = pid.tryLock()) {
      return lock == null;
    } catch (IOException e) {
      // There is no such file: nobody has locked it.
      return false;
    }
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
      return lines
          .filter(line -> !line.isBlank())
          .reduce((first, second) -> second)
          .orElse("its log is empty");
    } catch (IOException | UncheckedIOException e) {
      return "it left no log at " + log;
    }
  }

  private Process spawn(List<String> mode, Redirect in, Redirect out, Redirect err) {
    ProcessBuilder builder = new ProcessBuilder(command(mode));
    builder.environment().remove(Locations.HOME);
    try {
      return builder.redirectInput(in).redirectOutput(out).redirectError(err).start();
    } catch (IOException e) {
      throw new Failure(
          ExitCode.INTERNAL, job.label() + ": cannot start the node runner: " + Reason.of(e), e);
    }
  }

  private List<String> command(List<String> mode) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("setsid", java().toString()));
    command.addAll(
        List.of(
            "-Xms24m",
            "-Xmx256m", // as much only for a job with very many descriptors
            "-Xmn8m",
            "-XX:MaxDirectMemorySize=48m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1"));
    // The job inherits the limits: the number of open files stays what the caller has.
    command.addAll(List.of("-Xshare:auto", "-XX:-UsePerfData", "-XX:-MaxFDLimit"));
    Path program = home.resolve("node-runner/target");
    command.addAll(
        List.of(
            "-XX:SharedArchiveFile=" + program.resolve("holdfast.jsa"),
            "-Xlog:disable",
            "-Xlog:all=error:stderr"));
    command.addAll(List.of("-jar", program.resolve("lib/holdfast-node-runner.jar").toString()));
    command.addAll(
        List.of("--job", Long.toString(job.id()), "--runtime", job.runtime().toString()));
    command.addAll(List.of("--store", job.store().toString()));
    command.addAll(List.of("--preload", home.resolve("preload/build").toString()));
    command.addAll(mode);
    return command;
  }

  private Failure notStarted(String why) {
    return new Failure(
        ExitCode.INTERNAL,
        job.label() + ": the node runner did not start: " + why + ": " + lastLog());
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
