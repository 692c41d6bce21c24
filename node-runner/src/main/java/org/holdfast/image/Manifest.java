// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * A checkpoint as its {@code manifest.json} describes it.
 *
 * @param schema version of the format of this record and of the images
 * @param job the job's number
 * @param epoch the checkpoint's number, from 1
 * @param time when the job stood still
 * @param parent epoch that an incremental checkpoint builds on; 0: none, it is whole
 * @param version the Holdfast that wrote it
 * @param hosts the hosts of the job
 * @param processes every process of the job, zombies too
 * @param images one of each process that is not a zombie
 * @param stopNs how long the job stood still, nanoseconds
 * @param writeNs how long writing took, nanoseconds
 * @param rawBytes size of all images before compression
 * @param storedBytes size of all images in the store
 * @param connections those that left the job, one line each
 */
public record Manifest(
    int schema,
    long job,
    int epoch,
    Instant time,
    int parent,
    String version,
    List<String> hosts,
    List<ProcessRecord> processes,
    List<ImageRecord> images,
    long stopNs,
    long writeNs,
    long rawBytes,
    long storedBytes,
    List<String> connections) {

  /** The schema version that this Holdfast writes, and the newest that it reads. */
  public static final int SCHEMA = 1;

  /** Checks and copies. */
  public Manifest {
    Check.that(schema >= 1 && schema <= SCHEMA, "unknown schema version " + schema);
    Check.that(job > 0, "job number is not positive: " + job);
    Check.that(epoch > 0, "epoch is not positive: " + epoch);
    Objects.requireNonNull(time, "time");
    Check.that(parent >= 0 && parent < epoch, "parent is not an earlier epoch: " + parent);
    Objects.requireNonNull(version, "version");
    hosts = List.copyOf(hosts);
    processes = List.copyOf(processes);
    images = List.copyOf(images);
    Check.notNegative("stopNs", stopNs);
    Check.notNegative("writeNs", writeNs);
    Check.that(
        rawBytes == images.stream().mapToLong(ImageRecord::rawBytes).sum(),
        "images do not add up to the raw size");
    Check.that(
        storedBytes == images.stream().mapToLong(ImageRecord::storedBytes).sum(),
        "images do not add up to the stored size");
    connections = List.copyOf(connections);
  }

  /** Whether this checkpoint needs its {@link #parent}. */
  public boolean incremental() {
    return parent > 0;
  }
}
