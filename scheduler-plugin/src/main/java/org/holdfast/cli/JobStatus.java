// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.util.Locale;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.image.JobRecord;
import org.holdfast.image.JobState;

/** What a job does, in one or two words. */
final class JobStatus {
  private JobStatus() {}

  /** What the record says, unless this host knows better. */
  static String of(ManagedJob job, JobRecord record) {
    String recorded = record.state().name().toLowerCase(Locale.ROOT);
    boolean mayRun =
        record.state() == JobState.STARTING
            || record.state() == JobState.RUNNING
            || record.state() == JobState.STOPPED;
    if (!mayRun || !record.host().equals(Host.name())) {
      return recorded;
    }
    Liveness live = Liveness.of(job);
    if (live.orphans() > 0) {
      return recorded + " (no node runner)";
    }
    return live.running() ? recorded : "lost";
  }
}
