// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.holdfast.coordinator.host.PrivateFolder;
import org.holdfast.coordinator.host.RuntimeFolder;
import org.holdfast.coordinator.host.Then;
import org.holdfast.coordinator.index.CheckpointRow;
import org.holdfast.coordinator.operation.CheckpointResult;
import org.holdfast.coordinator.operation.EpochVerdict;
import org.holdfast.coordinator.operation.Failures;
import org.holdfast.coordinator.operation.Interval;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Progress;
import org.holdfast.coordinator.operation.Settings;
import org.holdfast.coordinator.wire.JsonServer;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.runner.state.Reason;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A job's coordinator in this process. A locked file in the job's runtime folder makes it the only
 * one; a socket beside it serves other commands. Spring is not started before the first operation.
 */
public final class CoordinatorService implements JobCoordinator {
  /** The name of the socket in a job's runtime folder. */
  static final String SOCKET = "coordinator.sock";

  private static final String LOCK = "coordinator.lock";

  /** A job that is shorter, or has no interval, does not pay for the start of Spring. */
  private static final Duration SETTLED = Duration.ofSeconds(5);

  private final ManagedJob job;
  private final Settings settings;
  private final FileChannel lock;

  /** So long may a checkpoint that is under way when the job ends take to end, too. */
  private static final Duration LAST = Duration.ofSeconds(30);

  private final ScheduledThreadPoolExecutor periodic =
      new ScheduledThreadPoolExecutor(1, CoordinatorService::daemon);
  private @Nullable JsonServer server;
  private @Nullable Coordinator coordinator;
  private @Nullable Consumer<Coordinator> toRecord;

  private CoordinatorService(ManagedJob job, Settings settings, FileChannel lock) {
    this.job = job;
    this.settings = settings;
    this.lock = lock;
    periodic.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * Becomes the job's coordinator.
   *
   * @return empty when it has one already
   * @throws Failure when the runtime folder cannot be used
   */
  public static Optional<CoordinatorService> open(ManagedJob job, Settings settings) {
    PrivateFolder.make(job.runtime());
    try {
      Optional<FileChannel> lock = lock(job.runtime().resolve(LOCK));
      if (lock.isEmpty()) {
        return Optional.empty();
      }
      CoordinatorService service = new CoordinatorService(job, settings, lock.get());
      service.server =
          JsonServer.listen(job.runtime().resolve(SOCKET), new CoordinatorRequests(service));
      return Optional.of(service);
    } catch (IOException e) {
      throw new Failure(
          ExitCode.INTERNAL,
          "%s: cannot use its runtime folder %s: %s"
              .formatted(job.label(), job.runtime(), Reason.of(e)),
          e);
    }
  }

  private static Optional<FileChannel> lock(Path file) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (NoSuchFileException e) {
      // The last coordinator removed the folder just now.
      return Optional.empty();
    }
    if (tryLock(channel) && isStill(file, channel)) {
      return Optional.of(channel);
    }
    channel.close();
    return Optional.empty();
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Whether it is this file that is locked, not one that the last coordinator has removed. */
  private static boolean isStill(Path file, FileChannel channel) throws IOException {
    String mark = UUID.randomUUID().toString();
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(mark.getBytes(StandardCharsets.US_ASCII)));
    try {
      return Files.readString(file, StandardCharsets.US_ASCII).equals(mark);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Has the launch recorded when Spring starts, and checkpoints the job from now on. */
  public void launched(Interval interval) {
    begin(Coordinator::launched, interval);
  }

  /** As {@link #launched}, for a restart. */
  public void restarted(int epoch, Interval interval) {
    begin(coordinator -> coordinator.restarted(epoch), interval);
  }

  @Override
  public CheckpointResult checkpoint(Then then, Consumer<Progress> progress) {
    return coordinator().checkpoint(then, progress);
  }

  @Override
  public List<EpochVerdict> verify(OptionalInt epoch, Consumer<Progress> progress) {
    return coordinator().verify(epoch, progress);
  }

  @Override
  public List<Integer> prune(int keep) {
    return coordinator().prune(keep);
  }

  /** Does not start Spring. */
  @Override
  public synchronized List<CheckpointRow> history() {
    try {
      return coordinator != null ? coordinator.history() : new Database(settings, job).history();
    } catch (SQLException e) {
      throw Failures.of(job.label() + ": its index", e);
    }
  }

  @Override
  public int reindex() {
    return coordinator().reindex();
  }

  /** Answers what has been asked, then ends; with the job its runtime folder goes. */
  @Override
  public void close() {
    endPeriodic();
    try {
      if (server != null) {
        server.close();
      }
      Coordinator started = started();
      if (started != null) {
        started.close();
      }
      RuntimeFolder.removeIfOver(job.runtime());
      lock.close();
    } catch (IOException e) {
      LoggerFactory.getLogger(CoordinatorService.class)
          .warn("{}: cannot end tidily", job.label(), e);
    }
  }

  /** Without an interrupt, which would close the database's files under it. */
  private void endPeriodic() {
    periodic.shutdown();
    try {
      if (!periodic.awaitTermination(LAST.toMillis(), TimeUnit.MILLISECONDS)) {
        LoggerFactory.getLogger(CoordinatorService.class)
            .warn("{}: its last checkpoint does not end, and is given up", job.label());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Coordinator coordinator() {
    Coordinator started = coordinator;
    if (started == null) {
      started = Coordinator.start(job, settings);
      coordinator = started;
      record(started);
    }
    return started;
  }

  private void record(Coordinator started) {
    Consumer<Coordinator> first = toRecord;
    if (first != null) {
      quietly(() -> first.accept(started));
    }
  }

  private synchronized @Nullable Coordinator started() {
    return coordinator;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // What it could tell is caught and logged.
  private synchronized void begin(Consumer<Coordinator> first, Interval interval) {
    toRecord = first;
    if (interval.duration().isEmpty()) {
      return;
    }
    long millis = interval.duration().get().toMillis();
    periodic.schedule(() -> quietly(this::coordinator), SETTLED.toMillis(), TimeUnit.MILLISECONDS);
    periodic.scheduleWithFixedDelay(
        () -> quietly(() -> checkpoint(Then.CONTINUE, progress -> {})),
        millis,
        millis,
        TimeUnit.MILLISECONDS);
  }

  /** What fails here is in the index and the log, and is tried again at the next time. */
  private void quietly(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LoggerFactory.getLogger(CoordinatorService.class).error("{}", job.label(), e);
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "periodic checkpoints");
    thread.setDaemon(true);
    return thread;
  }
}
