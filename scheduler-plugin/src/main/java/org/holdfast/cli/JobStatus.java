// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.util.Locale;
import org.holdfast.coordinator.host.Liveness;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.image.JobRecord;
import org.holdfast.image.JobState;

/** What a job does, in one or two words. */
final class JobStatus {
  private JobStatus() {}

  /** What the record says, unless this host knows better. */
  static String of(ManagedJob job, JobRecord record) {
    String recorded = record.state().name().toLowerCase(Locale.ROOT);
    if (!record.host().equals(Host.name())) {
      return recorded;
    }
    Liveness live = Liveness.of(job.runtime());
    if (live.orphans() > 0) {
      return "running (no node runner)";
    }
    if (live.running()) {
      return live.starting() ? "starting" : mayRun(record) ? recorded : "running";
    }
    return mayRun(record) ? "lost" : recorded;
  }

  private static boolean mayRun(JobRecord record) {
    return record.state() == JobState.STARTING
        || record.state() == JobState.RUNNING
        || record.state() == JobState.STOPPED;
  }
}
