// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.operation;

import java.util.List;
import org.holdfast.image.Manifest;
import org.holdfast.image.ProcessRecord;

/**
 * A committed checkpoint, in figures.
 *
 * @param epoch its number
 * @param processes how many images
 * @param threads in all of them
 * @param rawBytes before compression
 * @param storedBytes in the store
 * @param stopNs how long the job stood still, nanoseconds
 * @param writeNs how long writing took, nanoseconds
 * @param pruned epochs that were removed in its favour
 * @param warnings what went wrong after the commit, one line each
 */
public record CheckpointResult(
    int epoch,
    int processes,
    int threads,
    long rawBytes,
    long storedBytes,
    long stopNs,
    long writeNs,
    List<Integer> pruned,
    List<String> warnings) {

  /** Copies. */
  public CheckpointResult {
    pruned = List.copyOf(pruned);
    warnings = List.copyOf(warnings);
  }

  static CheckpointResult of(Manifest manifest, List<Integer> pruned, List<String> warnings) {
    return new CheckpointResult(
        manifest.epoch(),
        manifest.images().size(),
        manifest.processes().stream().mapToInt(ProcessRecord::threads).sum(),
        manifest.rawBytes(),
        manifest.storedBytes(),
        manifest.stopNs(),
        manifest.writeNs(),
        pruned,
        warnings);
  }
}
