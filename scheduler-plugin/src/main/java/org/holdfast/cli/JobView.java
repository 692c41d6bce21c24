// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.failure.ExitCode;
import org.holdfast.image.JobRecord;
import org.holdfast.image.Manifest;
import org.holdfast.image.StoredEpoch;
import org.holdfast.runner.state.Reason;

/**
 * A job as a user sees it.
 *
 * @param id its number
 * @param name its name, possibly empty
 * @param state running, stopped, terminated, exited, lost, ... or why its record cannot be read
 * @param exitCode as the shell gives it, when it has ended by itself
 * @param host where it was started
 * @param created when
 * @param command what it runs
 * @param lastEpoch its newest usable checkpoint
 * @param lastCheckpoint when that was taken
 */
record JobView(
    long id,
    String name,
    String state,
    Optional<Integer> exitCode,
    String host,
    Optional<Instant> created,
    List<String> command,
    Optional<Integer> lastEpoch,
    Optional<Instant> lastCheckpoint) {

  /** Looks at the store, and asks the job's runner if it may be alive. */
  static JobView of(ManagedJob job) {
    try {
      JobRecord record = job.folder().record();
      Optional<Manifest> last =
          job.folder().epochs().stream()
              .filter(StoredEpoch.Readable.class::isInstance)
              .map(stored -> ((StoredEpoch.Readable) stored).manifest())
              .reduce((older, newer) -> newer);
      return new JobView(
          job.id(),
          record.name(),
          JobStatus.of(job, record),
          record.exitStatus().map(ExitCode::ofWaitStatus),
          record.host(),
          Optional.of(record.created()),
          record.command(),
          last.map(Manifest::epoch),
          last.map(Manifest::time));
    } catch (IOException e) {
      return new JobView(
          job.id(),
          "",
          "unreadable: " + Reason.of(e),
          Optional.empty(),
          "",
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.empty());
    }
  }
}
