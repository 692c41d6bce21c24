// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.holdfast.coordinator.host.LiveProcesses;
import org.holdfast.coordinator.host.RunnerClient;
import org.holdfast.coordinator.host.RunnerStatus;
import org.holdfast.coordinator.wire.PeerException;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.runner.state.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands for a job in front of the caller: passes signals on, waits for the end of the job's root
 * process, and starts a new runner when the runner dies while the job goes on.
 */
final class Foreground {
  private static final Logger LOG = LoggerFactory.getLogger(Foreground.class);
  private static final int MOST_ADOPTIONS = 5;

  private final Runner runner;
  private final Signals signals;
  private final Consumer<String> onStarted;
  private final BlockingQueue<JobEvent> events = new LinkedBlockingQueue<>();
  private final AtomicReference<RunnerClient> current = new AtomicReference<>();

  /**
   * @param onStarted gets, once, when the job runs, what its user should know of it, which may be
   *     empty; must return at once
   */
  Foreground(Runner runner, Signals signals, Consumer<String> onStarted) {
    this.runner = runner;
    this.signals = signals;
    this.onStarted = onStarted;
  }

  /**
   * Starts the job and waits for its end.
   *
   * @param mode as for {@link Runner#start}
   * @param startLimit how long the job may take to start; the runner must live in any case
   * @return the root process's wait status
   * @throws JobNotStarted when the runner says why it cannot start the job
   * @throws Failure when the job was lost or no runner can be started
   */
  int run(List<String> mode, Duration startLimit) throws JobNotStarted {
    attach(runner.start(mode));
    String remark = awaitStart(startLimit);
    signals.forward(current::get);
    onStarted.accept(remark);
    return awaitEnd();
  }

  private String awaitStart(Duration limit) throws JobNotStarted {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      JobEvent event = poll(end - System.nanoTime());
      if (event instanceof JobEvent.Started started) {
        return started.remark();
      }
      if (event instanceof JobEvent.Exited || event instanceof JobEvent.Ended) {
        // So short that its end overtook its start.
        events.add(event);
        return "";
      }
      if (event instanceof JobEvent.Failed failed) {
        // Its place must be free for another attempt.
        runner.awaitEnd();
        throw new JobNotStarted(failed.error());
      }
      if (event instanceof JobEvent.Closed) {
        throw new JobNotStarted("the node runner ended: " + runner.lastLog());
      }
    }
  }

  private JobEvent poll(long nanos) {
    try {
      JobEvent event = events.poll(Math.max(0, nanos), TimeUnit.NANOSECONDS);
      if (event == null) {
        throw new Failure(
            ExitCode.INTERNAL,
            runner.job().label() + ": did not start in time: " + runner.lastLog());
      }
      return event;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(ExitCode.INTERNAL, "interrupted", e);
    }
  }

  private int awaitEnd() {
    int adoptions = 0;
    while (true) {
      JobEvent event = poll(Long.MAX_VALUE / 2);
      if (event instanceof JobEvent.Exited exited) {
        awaitRunner();
        return exited.waitStatus();
      }
      if (event instanceof JobEvent.Failed failed) {
        throw new Failure(ExitCode.INTERNAL, runner.job().label() + ": " + failed.error());
      }
      boolean over = event instanceof JobEvent.Ended;
      if (over || event instanceof JobEvent.Closed) {
        if (over
            || adoptions == MOST_ADOPTIONS
            || LiveProcesses.of(runner.job().runtime()).isEmpty()) {
          throw lost();
        }
        adoptions++;
        adopt();
      }
    }
  }

  /** Unless processes of the job outlive its root, the runner ends now. */
  private void awaitRunner() {
    try {
      if (!Objects.requireNonNull(current.get()).status().processes().isEmpty()) {
        return;
      }
    } catch (PeerException e) {
      // It is at its end already.
    }
    runner.awaitEnd();
  }

  private Failure lost() {
    return new Failure(
        ExitCode.INTERNAL,
        "%s: its node runner ended, so its exit status is not known: %s; 'holdfast restart %d' restarts it"
            .formatted(runner.job().label(), runner.lastLog(), runner.job().id()));
  }

  private void adopt() {
    LOG.warn("{}: the node runner died: another takes the job over", runner.job().label());
    // Another command may have taken the job over already.
    attach(Runner.live(runner.job().runtime()).orElseGet(runner::adopt));
  }

  private void attach(RunnerClient client) {
    current.set(client);
    client.connection().onEvent(node -> events.add(JobEvent.of(node)));
    try {
      RunnerStatus status = client.attach();
      if (status.ended()) {
        status.exitStatus().ifPresent(exit -> events.add(new JobEvent.Exited(exit)));
      }
    } catch (PeerException e) {
      if (e.kind() == PeerException.Kind.REFUSED) {
        throw new Failure(ExitCode.INTERNAL, runner.job().label() + ": " + Reason.of(e), e);
      }
      // The close event, which comes next, decides what happens.
    }
    client.connection().onClose(() -> events.add(new JobEvent.Closed()));
  }
}
