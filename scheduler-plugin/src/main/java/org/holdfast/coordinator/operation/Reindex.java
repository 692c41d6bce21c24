// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.operation;

import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.holdfast.coordinator.index.CheckpointIndex;
import org.holdfast.coordinator.index.CheckpointRow;
import org.holdfast.image.StoredEpoch;

/** Brings a job's index in line with its store, which is the truth. */
public final class Reindex {
  private final ManagedJob job;
  private final CheckpointIndex index;

  /** Of this job. */
  public Reindex(ManagedJob job, CheckpointIndex index) {
    this.job = job;
    this.index = index;
  }

  /**
   * Enters what the store has, and marks as removed what it has no more. Why attempts failed only
   * the index knows: that stays.
   *
   * @return how many usable checkpoints the store has
   */
  public int run() throws IOException, SQLException {
    Map<Integer, CheckpointRow> stored = new LinkedHashMap<>();
    for (StoredEpoch epoch : job.folder().epochs()) {
      if (epoch instanceof StoredEpoch.Readable readable) {
        stored.put(epoch.epoch(), CheckpointRow.committed(readable.manifest()));
      }
    }
    for (CheckpointRow row : stored.values()) {
      index.put(row);
    }
    for (CheckpointRow row : index.rows()) {
      if (row.status() == CheckpointRow.Status.COMMITTED && !stored.containsKey(row.epoch())) {
        index.put(row.pruned());
      }
    }
    return stored.size();
  }
}
