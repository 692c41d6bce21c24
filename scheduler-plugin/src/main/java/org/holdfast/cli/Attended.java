// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.holdfast.coordinator.CoordinatorService;
import org.holdfast.coordinator.Coordinators;
import org.holdfast.coordinator.operation.Failures;
import org.holdfast.coordinator.operation.Interval;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Settings;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.image.JobRecord;
import org.holdfast.image.JobState;
import org.holdfast.runner.state.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job in the care of this process: it is its foreground and, beside that, its coordinator. What
 * becomes of the job is entered into its record.
 */
final class Attended {
  private static final Logger LOG = LoggerFactory.getLogger(Attended.class);

  private final Session session;
  private final ManagedJob job;
  private final Settings settings;
  private final Signals signals;

  Attended(Session session, ManagedJob job, Settings settings, Signals signals) {
    this.session = session;
    this.job = job;
    this.settings = settings;
    this.signals = signals;
  }

  /**
   * Launches the job and waits for its end.
   *
   * @return the exit code
   */
  int launch(List<String> command, Interval interval, Duration limit) {
    List<String> mode = new ArrayList<>(List.of("launch", "--"));
    mode.addAll(command);
    try (CoordinatorService coordinator = coordinator()) {
      return foreground(mode, limit, coordinator, service -> service.launched(interval));
    } catch (JobNotStarted e) {
      enter(JobState.LOST, Optional.empty());
      throw new Failure(ExitCode.INTERNAL, job.label() + ": " + Reason.of(e), e);
    }
  }

  /**
   * Restarts the job from a checkpoint and waits for its end.
   *
   * @param coordinator this process's, of this job
   * @throws JobNotStarted when the runner says why it cannot; nothing is left of the attempt
   */
  int restart(int epoch, Interval interval, Duration limit, CoordinatorService coordinator)
      throws JobNotStarted {
    return foreground(
        List.of("restart", Integer.toString(epoch)),
        limit,
        coordinator,
        service -> service.restarted(epoch, interval));
  }

  /**
   * Makes this process the job's coordinator.
   *
   * @throws Failure when another process is it, also after some time
   */
  CoordinatorService coordinator() {
    return Coordinators.own(job, settings);
  }

  private int foreground(
      List<String> mode,
      Duration limit,
      CoordinatorService coordinator,
      Consumer<CoordinatorService> onStarted)
      throws JobNotStarted {
    Foreground foreground =
        new Foreground(
            new Runner(session.locations().home(), job),
            signals,
            remark -> {
              if (!remark.isEmpty()) {
                session.note("%s: %s".formatted(job.label(), remark));
              }
              enter(JobState.RUNNING, Optional.empty());
              onStarted.accept(coordinator);
            });
    try (Terminal terminal = Terminal.save()) {
      int waitStatus = foreground.run(mode, limit);
      ended(waitStatus);
      return ExitCode.ofWaitStatus(waitStatus);
    }
  }

  private void ended(int waitStatus) {
    if (record().state() == JobState.TERMINATED) {
      session.note(
          "%s was ended after its checkpoint: 'holdfast restart %d' goes on from there"
              .formatted(job.label(), job.id()));
    } else {
      enter(JobState.EXITED, Optional.of(waitStatus));
    }
  }

  /** A record that cannot be written (a full disk) must not fail the job. */
  private void enter(JobState state, Optional<Integer> exitStatus) {
    try {
      job.folder().update(record().withState(state, exitStatus));
    } catch (IOException e) {
      LOG.warn("{}: cannot enter that it is {} into its record", job.label(), state, e);
    }
  }

  private JobRecord record() {
    try {
      return job.folder().record();
    } catch (IOException e) {
      throw Failures.of(job.label(), e);
    }
  }
}
