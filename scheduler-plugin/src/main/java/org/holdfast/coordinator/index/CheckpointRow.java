// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.index;

import java.time.Instant;
import org.holdfast.image.Manifest;

/**
 * A checkpoint as the index knows it, failed ones too.
 *
 * @param epoch its number
 * @param status what became of it
 * @param started when it began
 * @param processes how many images it has
 * @param rawBytes their size before compression
 * @param storedBytes their size in the store
 * @param stopNs how long the job stood still, nanoseconds
 * @param writeNs how long writing took, nanoseconds
 * @param reason why it failed; empty when it did not
 */
public record CheckpointRow(
    int epoch,
    Status status,
    Instant started,
    int processes,
    long rawBytes,
    long storedBytes,
    long stopNs,
    long writeNs,
    String reason) {

  /** What became of a checkpoint. */
  public enum Status {
    /** At work, or its coordinator died at it. */
    WRITING,
    /** In the store. */
    COMMITTED,
    /** Given up; the job went on. */
    FAILED,
    /** Was in the store, until a younger one made it superfluous. */
    PRUNED
  }

  /** A checkpoint that begins. */
  public static CheckpointRow writing(int epoch, Instant started) {
    return new CheckpointRow(epoch, Status.WRITING, started, 0, 0, 0, 0, 0, "");
  }

  /** A checkpoint that is in the store. */
  public static CheckpointRow committed(Manifest manifest) {
    return new CheckpointRow(
        manifest.epoch(),
        Status.COMMITTED,
        manifest.time(),
        manifest.images().size(),
        manifest.rawBytes(),
        manifest.storedBytes(),
        manifest.stopNs(),
        manifest.writeNs(),
        "");
  }

  /** This checkpoint, given up. */
  public CheckpointRow failed(String why) {
    return new CheckpointRow(
        epoch, Status.FAILED, started, processes, rawBytes, storedBytes, stopNs, writeNs, why);
  }

  /** This checkpoint when nobody is at work on it: its coordinator died if it was not finished. */
  public CheckpointRow settled() {
    return status == Status.WRITING ? failed("its coordinator was killed") : this;
  }

  /** This checkpoint, removed from the store. */
  public CheckpointRow pruned() {
    return new CheckpointRow(
        epoch, Status.PRUNED, started, processes, rawBytes, storedBytes, stopNs, writeNs, reason);
  }
}
