// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.logging.Logger;
import org.holdfast.image.FramePool;
import org.holdfast.image.JobFolder;
import org.holdfast.image.Store;
import org.holdfast.runner.control.ControlServer;
import org.holdfast.runner.control.Operations;
import org.holdfast.runner.driver.DriverGroup;
import org.holdfast.runner.job.Enlister;
import org.holdfast.runner.job.Job;
import org.holdfast.runner.job.Phase;
import org.holdfast.runner.peer.PeerServer;
import org.holdfast.runner.peer.SameUser;
import org.holdfast.runner.rehearsal.Rehearsal;
import org.holdfast.runner.restart.Prepared;
import org.holdfast.runner.restart.Restart;
import org.holdfast.runner.state.Reason;
import org.holdfast.runner.state.Refusal;

/** Runs a job from its start, restart or adoption to its end. */
final class NodeRunner {

  private static final Logger LOG = Logger.getLogger(NodeRunner.class.getName());
  private static final Duration ADOPT = Duration.ofSeconds(10);
  private static final Duration LINGER = Duration.ofSeconds(3);
  private static final int ANSWER_SECONDS = 10;

  private final Options options;
  private final RuntimeFolder folder;
  private final Job job;

  NodeRunner(Options options, RuntimeFolder folder) {
    this.options = options;
    this.folder = folder;
    job =
        new Job(
            DriverGroup.create(), Optional.of(new Enlister(options.preload(), folder.jobSocket())));
  }

  /** Returns when the job has ended: whether it ran. */
  boolean run() throws IOException, Refusal, InterruptedException {
    SameUser sameUser = new SameUser();
    Operations operations =
        new Operations(job, Long.toString(options.job()), host(), jobFolder().objects());
    PeerServer peers = PeerServer.open(folder.jobSocket(), sameUser, job);
    ControlServer control = ControlServer.open(folder.controlSocket(), sameUser, operations);
    try {
      LOG.info("job %d: listening".formatted(options.job()));
      begin();
      awaitStart();
      new Rehearsal(options.runtime().resolve("rehearsal.sock"), sameUser, job).start();
      awaitEnd();
      if (!(options.mode() instanceof Options.Mode.Adopt)) {
        operations.awaitAttached(LINGER);
      }
    } finally {
      // The last events are sent before the connections are closed: they tell the exit status.
      operations.close();
      control.close(ANSWER_SECONDS);
      peers.close();
    }
    LOG.info("job %d: ended".formatted(options.job()));
    return job.failure().isEmpty();
  }

  private void begin() throws IOException, Refusal, InterruptedException {
    InitialProcess initial = new InitialProcess(job, options.preload(), folder.jobSocket());
    Options.Mode mode = options.mode();
    if (mode instanceof Options.Mode.Launch launch) {
      initial.launch(launch.command());
    } else if (mode instanceof Options.Mode.Restart restart) {
      restart(restart.epoch(), initial);
    } else {
      awaitAdoption();
    }
  }

  private void restart(int epoch, InitialProcess initial) throws InterruptedException {
    try (FramePool pool = new FramePool(Runtime.getRuntime().availableProcessors())) {
      boolean grants = job.driver().filter(DriverGroup::grants).isPresent();
      Prepared prepared = Prepared.from(jobFolder(), epoch, pool, grants);
      Path image = jobFolder().epochPath(epoch);
      Restart.Starter starter =
          (namespace, number, last, ownNetwork) ->
              initial.restart(namespace, number, last, ownNetwork, image);
      new Restart(job, starter, prepared, options.runtime()).run();
    } catch (Refusal | IOException e) {
      job.fail(Reason.of(e));
    }
  }

  private JobFolder jobFolder() throws IOException {
    return new Store(options.store()).job(options.job());
  }

  private void awaitAdoption() throws Refusal, InterruptedException {
    long deadline = System.nanoTime() + ADOPT.toNanos();
    synchronized (job) {
      while (job.started().isEmpty() && job.phase() != Phase.ENDED) {
        if (!job.awaitChange(deadline)) {
          throw new Refusal(
              "job %d: its initial process did not connect within %d s: it does not run on this host"
                  .formatted(options.job(), ADOPT.toSeconds()));
        }
      }
    }
  }

  private void awaitStart() throws InterruptedException {
    synchronized (job) {
      while (job.phase() == Phase.STARTING) {
        job.awaitChange(Long.MAX_VALUE);
      }
    }
  }

  private void awaitEnd() throws InterruptedException {
    synchronized (job) {
      while (job.phase() != Phase.ENDED) {
        job.awaitChange(Long.MAX_VALUE);
      }
    }
  }

  private static String host() throws IOException {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    }
  }
}
