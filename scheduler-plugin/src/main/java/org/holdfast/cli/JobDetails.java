// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.holdfast.coordinator.Coordinators;
import org.holdfast.coordinator.Database;
import org.holdfast.coordinator.JobCoordinator;
import org.holdfast.coordinator.host.Liveness;
import org.holdfast.coordinator.index.CheckpointRow;
import org.holdfast.coordinator.operation.Failures;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Settings;
import org.holdfast.failure.Failure;
import org.holdfast.image.JobRecord;
import org.holdfast.image.Manifest;
import org.holdfast.image.StoredEpoch;
import org.holdfast.runner.state.Reason;

/**
 * All that is known of a job: what the store says, and what only the index knows.
 *
 * @param job the job
 * @param directory where it was started
 * @param interval between periodic checkpoints
 * @param processesAt when the processes below were there
 * @param processes its processes
 * @param checkpoints its checkpoints, oldest first
 * @param notes what could not be found out
 */
record JobDetails(
    JobView job,
    String directory,
    String interval,
    String processesAt,
    List<ProcessView> processes,
    List<CheckpointView> checkpoints,
    List<String> notes) {

  /** Finds it all out. */
  static JobDetails of(ManagedJob job, Settings settings) {
    List<String> notes = new ArrayList<>();
    try {
      List<StoredEpoch> epochs = job.folder().epochs();
      JobRecord record = job.folder().record();
      List<ProcessView> live =
          Liveness.of(job.runtime()).status().filter(status -> !status.ended()).stream()
              .flatMap(status -> ProcessView.live(status).stream())
              .toList();
      Optional<Manifest> last =
          epochs.stream()
              .filter(StoredEpoch.Readable.class::isInstance)
              .map(stored -> ((StoredEpoch.Readable) stored).manifest())
              .reduce((older, newer) -> newer);
      return new JobDetails(
          JobView.of(job),
          record.directory(),
          record.interval().map(Text::duration).orElse("none"),
          !live.isEmpty() ? "now" : last.map(m -> "at checkpoint " + m.epoch()).orElse("not known"),
          !live.isEmpty() ? live : last.map(ProcessView::stored).orElse(List.of()),
          checkpoints(epochs, history(job, settings, notes)),
          notes);
    } catch (IOException e) {
      throw Failures.of(job.label(), e);
    }
  }

  /** The tree of processes, a line for each. */
  List<String> tree() {
    return ProcessTree.lines(processes);
  }

  private static List<CheckpointView> checkpoints(
      List<StoredEpoch> stored, List<CheckpointRow> indexed) {
    TreeMap<Integer, CheckpointView> all = new TreeMap<>(Comparator.naturalOrder());
    indexed.stream()
        .filter(row -> row.status() != CheckpointRow.Status.PRUNED)
        .filter(row -> row.status() != CheckpointRow.Status.COMMITTED)
        .forEach(row -> all.put(row.epoch(), CheckpointView.of(row)));
    // The store is the truth.
    stored.forEach(epoch -> all.put(epoch.epoch(), CheckpointView.of(epoch)));
    return List.copyOf(all.values());
  }

  private static List<CheckpointRow> history(
      ManagedJob job, Settings settings, List<String> notes) {
    try {
      Optional<JobCoordinator> live = Coordinators.live(job);
      if (live.isPresent()) {
        try (JobCoordinator coordinator = live.get()) {
          return coordinator.history();
        }
      }
      return new Database(settings, job).history();
    } catch (Failure | SQLException e) {
      notes.add("failed checkpoints are not shown, for the index cannot be read: " + Reason.of(e));
      return List.of();
    }
  }
}
