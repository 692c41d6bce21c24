// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.holdfast.coordinator.host.Then;
import org.holdfast.coordinator.index.CheckpointRow;
import org.holdfast.coordinator.operation.CheckpointResult;
import org.holdfast.coordinator.operation.EpochVerdict;
import org.holdfast.coordinator.operation.Interval;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Progress;
import org.holdfast.coordinator.operation.Settings;
import org.holdfast.coordinator.wire.JsonServer;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
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

  /** A job that is shorter does not pay for the start of its coordinator. */
  private static final Duration SETTLED = Duration.ofSeconds(5);

  private final ManagedJob job;
  private final Settings settings;
  private final FileChannel lock;
  private final ScheduledExecutorService periodic =
      Executors.newSingleThreadScheduledExecutor(CoordinatorService::daemon);
  private @Nullable JsonServer server;
  private @Nullable Coordinator coordinator;

  private CoordinatorService(ManagedJob job, Settings settings, FileChannel lock) {
    this.job = job;
    this.settings = settings;
    this.lock = lock;
  }

  /**
   * Becomes the job's coordinator.
   *
   * @return empty when it has one already
   * @throws Failure when the runtime folder cannot be used
   */
  public static Optional<CoordinatorService> open(ManagedJob job, Settings settings) {
    Path file = job.runtime().resolve(LOCK);
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!tryLock(channel)) {
        channel.close();
        return Optional.empty();
      }
      CoordinatorService service = new CoordinatorService(job, settings, channel);
      service.server =
          JsonServer.listen(job.runtime().resolve(SOCKET), new CoordinatorRequests(service));
      return Optional.of(service);
    } catch (IOException e) {
      throw new Failure(
          ExitCode.INTERNAL,
          "%s: cannot use its runtime folder %s: %s"
              .formatted(job.label(), job.runtime(), Failure.reason(e)),
          e);
    }
  }

  /** Records a launch once the job has run for some seconds, and checkpoints it from then on. */
  public void launched(Interval interval) {
    later(SETTLED, () -> coordinator().launched());
    repeat(interval);
  }

  /** Records a restart, as {@link #launched}. */
  public void restarted(int epoch, Interval interval) {
    later(SETTLED, () -> coordinator().restarted(epoch));
    repeat(interval);
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

  @Override
  public List<CheckpointRow> history() {
    return coordinator().history();
  }

  @Override
  public int reindex() {
    return coordinator().reindex();
  }

  /** Answers what has been asked, then ends. */
  @Override
  public void close() {
    periodic.shutdownNow();
    try {
      if (server != null) {
        server.close();
      }
      Coordinator started = started();
      if (started != null) {
        started.close();
      }
      lock.close();
    } catch (IOException e) {
      LoggerFactory.getLogger(CoordinatorService.class)
          .warn("{}: cannot end tidily", job.label(), e);
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private synchronized Coordinator coordinator() {
    Coordinator started = coordinator;
    if (started == null) {
      started = Coordinator.start(job, settings);
      coordinator = started;
    }
    return started;
  }

  private synchronized @Nullable Coordinator started() {
    return coordinator;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // What it could tell is caught and logged.
  private void repeat(Interval interval) {
    interval
        .duration()
        .ifPresent(
            time ->
                periodic.scheduleWithFixedDelay(
                    () -> quietly(() -> checkpoint(Then.CONTINUE, progress -> {})),
                    time.toMillis(),
                    time.toMillis(),
                    TimeUnit.MILLISECONDS));
  }

  @SuppressWarnings("FutureReturnValueIgnored") // As above.
  private void later(Duration delay, Runnable work) {
    periodic.schedule(() -> quietly(work), delay.toMillis(), TimeUnit.MILLISECONDS);
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
