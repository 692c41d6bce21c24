// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.holdfast.coordinator.index.CheckpointRow;
import org.holdfast.image.Manifest;
import org.holdfast.image.ProcessRecord;
import org.holdfast.image.StoredEpoch;

/**
 * A checkpoint as a user sees it.
 *
 * @param epoch its number
 * @param time when it was taken
 * @param status committed, damaged, newer (of a newer format), failed or writing
 * @param images how many
 * @param rawBytes their size before compression
 * @param storedBytes their size in the store
 * @param stopNs how long the job stood still, nanoseconds
 * @param writeNs how long writing took, nanoseconds
 * @param barrier what stopped the processes: "driver" (of the kernel), "signals", or "both"
 * @param connections those that left the job, one line each
 * @param reason why it is not usable; empty when it is
 */
record CheckpointView(
    int epoch,
    Optional<Instant> time,
    String status,
    int images,
    long rawBytes,
    long storedBytes,
    long stopNs,
    long writeNs,
    String barrier,
    List<String> connections,
    String reason) {

  /** One of the store's. */
  static CheckpointView of(StoredEpoch stored) {
    if (stored instanceof StoredEpoch.Readable readable) {
      Manifest manifest = readable.manifest();
      return new CheckpointView(
          manifest.epoch(),
          Optional.of(manifest.time()),
          "committed",
          manifest.images().size(),
          manifest.rawBytes(),
          manifest.storedBytes(),
          manifest.stopNs(),
          manifest.writeNs(),
          barrier(manifest),
          manifest.connections(),
          "");
    }
    if (stored instanceof StoredEpoch.Newer newer) {
      return unusable(stored.epoch(), Optional.empty(), "newer", newer.reason());
    }
    return unusable(
        stored.epoch(), Optional.empty(), "damaged", ((StoredEpoch.Damaged) stored).reason());
  }

  private static String barrier(Manifest manifest) {
    List<Boolean> driver =
        manifest.processes().stream()
            .filter(process -> !process.zombie())
            .map(ProcessRecord::driver)
            .distinct()
            .toList();
    return driver.size() > 1 ? "both" : driver.contains(true) ? "driver" : "signals";
  }

  /** One that only the index knows. */
  static CheckpointView of(CheckpointRow row) {
    return unusable(
        row.epoch(),
        Optional.of(row.started()),
        row.status().name().toLowerCase(Locale.ROOT),
        row.reason());
  }

  private static CheckpointView unusable(
      int epoch, Optional<Instant> time, String status, String reason) {
    return new CheckpointView(epoch, time, status, 0, 0, 0, 0, 0, "", List.of(), reason);
  }
}
