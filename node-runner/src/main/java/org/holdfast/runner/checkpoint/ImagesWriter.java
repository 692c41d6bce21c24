// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.image.ChannelMemory;
import org.holdfast.image.FramePool;
import org.holdfast.image.ImageContent;
import org.holdfast.image.ImageRecord;
import org.holdfast.image.ImageWriter;
import org.holdfast.image.MemoryRun;
import org.holdfast.image.ProcessRecord;
import org.holdfast.runner.driver.DriverGroup;
import org.holdfast.runner.job.ProcView;
import org.holdfast.runner.state.Refusal;
import org.jspecify.annotations.Nullable;

/** Writes the images of all snapshots, several at a time, and ends each when it is written. */
final class ImagesWriter {

  /** As many as keep the compressing threads busy. */
  private static final int AT_ONCE = 3;

  private static final Duration SCAN = Duration.ofMinutes(2);
  private static final Duration REPORT = Duration.ofMillis(200);

  private final Snapshots snapshots;
  private final ImageBuilder builder;
  private final ProcView proc;
  private final Optional<DriverGroup> driver;

  ImagesWriter(
      Snapshots snapshots, ImageBuilder builder, ProcView proc, Optional<DriverGroup> driver) {
    this.driver = driver;
    this.snapshots = snapshots;
    this.builder = builder;
    this.proc = proc;
  }

  private record One(List<ProcessRecord> processes, ImageRecord image) {}

  /**
   * Writes them.
   *
   * @param host this host's name
   * @param pids the processes
   * @param directory the checkpoint's folder
   * @param level zstd's
   * @param threads how many compress
   * @param progress is told how far it is, on the calling thread
   * @throws Refusal when a process cannot be restored
   * @throws IOException when the store or the memory fails
   */
  Written write(
      String host, Set<Integer> pids, Path directory, int level, int threads, Progress progress)
      throws Refusal, IOException, InterruptedException {
    long begin = System.nanoTime();
    AtomicLong done = new AtomicLong();
    AtomicLong total = new AtomicLong();
    ExecutorService executor = Executors.newFixedThreadPool(Math.min(AT_ONCE, pids.size()));
    List<One> written = new ArrayList<>();
    try (FramePool pool = new FramePool(threads)) {
      ImageWriter writer = new ImageWriter(pool, level);
      CompletionService<One> tasks = new ExecutorCompletionService<>(executor);
      try {
        for (int pid : pids) {
          tasks.submit(task(pid, directory, writer, done, total));
        }
        while (written.size() < pids.size()) {
          var finished = tasks.poll(REPORT.toMillis(), TimeUnit.MILLISECONDS);
          if (finished != null) {
            written.add(finished.get());
          }
          progress.at(done.get(), total.get());
        }
      } finally {
        stop(executor);
      }
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    }
    return new Written(
        host,
        written.stream().flatMap(one -> one.processes.stream()).toList(),
        written.stream().map(One::image).toList(),
        System.nanoTime() - begin);
  }

  private Callable<One> task(
      int pid, Path directory, ImageWriter writer, AtomicLong done, AtomicLong total) {
    return () -> {
      Snapshots.Snapshot snapshot = snapshots.awaitWhole(pid, SCAN);
      Path folder = proc.of(snapshot.ownPid());
      try (ChannelMemory memory = open(snapshot, folder)) {
        ImageContent content = builder.build(snapshot, folder, memory);
        total.addAndGet(content.memory().stream().mapToLong(MemoryRun::length).sum());
        ImageRecord image = writer.write(directory, content, memory, done::addAndGet);
        return new One(builder.records(pid, folder), image);
      } catch (Refusal e) {
        throw new Refusal(proc.name(pid) + ": " + e.reason());
      } finally {
        snapshots.end(pid);
      }
    };
  }

  private ChannelMemory open(Snapshots.Snapshot snapshot, Path folder) throws IOException {
    if (snapshot.joined() && driver.isPresent()) {
      return driver.get().memory(snapshot.ownPid());
    }
    return ChannelMemory.open(folder.resolve("mem"), StandardOpenOption.READ);
  }

  /** Nobody uses the snapshots or the pool any more when this returns. */
  private static void stop(ExecutorService executor) throws InterruptedException {
    boolean interrupted = Thread.interrupted();
    executor.shutdownNow();
    while (!executor.isTerminated()) {
      try {
        executor.awaitTermination(1, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      throw new InterruptedException();
    }
  }

  private static IOException failure(@Nullable Throwable cause)
      throws Refusal, InterruptedException {
    if (cause instanceof Refusal refusal) {
      throw refusal;
    }
    if (cause instanceof InterruptedException interrupted) {
      throw interrupted;
    }
    if (cause instanceof IOException io) {
      return io;
    }
    throw new IllegalStateException("an image could not be written", cause);
  }
}
