// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.operation;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.holdfast.coordinator.index.CheckpointIndex;

/** Removes a job's old checkpoints from the store, never the last good one. */
public final class PruneRun {
  private final ManagedJob job;
  private final CheckpointIndex index;
  private final int keep;
  private List<Integer> removed = List.of();

  /**
   * @param keep how many good checkpoints stay, at least 1
   */
  public PruneRun(ManagedJob job, CheckpointIndex index, int keep) {
    this.job = job;
    this.index = index;
    this.keep = keep;
  }

  /** Removes them. */
  public void prune() throws IOException, SQLException {
    removed = job.folder().prune(keep);
    for (int epoch : removed) {
      index.prune(epoch);
    }
  }

  /** The epochs that were removed. */
  public List<Integer> removed() {
    return removed;
  }
}
