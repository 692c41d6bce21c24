// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.holdfast.protocol.Namespace;
import org.holdfast.runner.job.Job;
import org.holdfast.runner.job.Phase;
import org.jspecify.annotations.Nullable;

/**
 * Starts the job's initial process, with this process's standard streams, and has the job fail when
 * it ends without having said why.
 */
final class InitialProcess {

  private static final String PRELOAD = "LD_PRELOAD";
  private static final Duration CONNECT = Duration.ofSeconds(1);

  private final Job job;
  private final Path programs;
  private final Path socket;

  /** The last that was started: a restart may start another when one failed. */
  private @Nullable Process latest;

  InitialProcess(Job job, Path programs, Path socket) {
    this.job = job;
    this.programs = programs;
    this.socket = socket;
  }

  /** Starts a job anew. */
  void launch(List<String> command) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(programs.resolve("holdfast-launch").toString());
    line.addAll(List.of(socket.toString(), "--"));
    line.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(line);
    Map<String, String> environment = builder.environment();
    environment.merge(
        PRELOAD, programs.resolve("libholdfast.so").toString(), (old, own) -> own + ":" + old);
    environment.put("HOLDFAST_SOCKET", socket.toString());
    start(builder);
  }

  /**
   * Starts the restart of a job; it waits for its plan.
   *
   * @param namespace where
   * @param number of the initial process, which the job knows
   * @param last the highest number of a process or thread of the job
   * @param ownNetwork whether in a network name space of its own
   * @param image the image's folder
   */
  void restart(Namespace namespace, int number, int last, boolean ownNetwork, Path image)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            programs.resolve("holdfast-restart").toString(),
            socket.toString(),
            Integer.toString(namespace.code()),
            Integer.toString(number),
            Integer.toString(last),
            ownNetwork ? "1" : "0");
    if (namespace == Namespace.GRANTED) {
      builder.command().add(image.toString());
      job.driver()
          .ifPresent(group -> builder.environment().put("HOLDFAST_TOKEN", group.join().digits()));
    }
    start(builder);
  }

  private void start(ProcessBuilder builder) throws IOException {
    Process process;
    // Under the lock, or what it says is handled, and another started, before it is known here.
    synchronized (job) {
      process = builder.inheritIO().start();
      latest = process;
    }
    String name = Path.of(builder.command().get(0)).getFileName().toString();
    Thread watcher = new Thread(() -> watch(process, name), name);
    watcher.setDaemon(true);
    watcher.start();
  }

  /** One that connected tells itself how it ends. */
  private void watch(Process process, String name) {
    try {
      int status = process.waitFor();
      long deadline = System.nanoTime() + CONNECT.toNanos();
      synchronized (job) {
        while (process.equals(latest) && job.hostInit().isEmpty() && job.phase() != Phase.ENDED) {
          if (!job.awaitChange(deadline) && process.equals(latest)) {
            job.fail("%s ended with status %d and did not say why".formatted(name, status));
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
