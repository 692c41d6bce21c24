// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.holdfast.coordinator.host.Then;
import org.holdfast.coordinator.index.CheckpointRow;
import org.holdfast.coordinator.operation.CheckpointResult;
import org.holdfast.coordinator.operation.EpochVerdict;
import org.holdfast.coordinator.operation.Progress;
import org.holdfast.failure.Failure;

/**
 * What can be asked of a job's one coordinator, in this process or in another; every operation
 * throws {@link Failure} with one line for the user.
 */
public interface JobCoordinator extends AutoCloseable {
  /** Takes a checkpoint; when that fails the job goes on. */
  CheckpointResult checkpoint(Then then, Consumer<Progress> progress);

  /**
   * Verifies checkpoints.
   *
   * @param epoch which, empty: all
   */
  List<EpochVerdict> verify(OptionalInt epoch, Consumer<Progress> progress);

  /** Removes all but the newest good checkpoints; returns the epochs of those removed. */
  List<Integer> prune(int keep);

  /** All checkpoints that the index knows, failed ones too. */
  List<CheckpointRow> history();

  /** Brings the index in line with the store; returns how many checkpoints that has. */
  int reindex();

  @Override
  void close();
}
