// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.util.List;
import org.holdfast.image.ImageRecord;
import org.holdfast.image.ProcessRecord;

/**
 * The images of a checkpoint on this host.
 *
 * @param host this host
 * @param processes every process, zombies too
 * @param images one of each that is not a zombie
 * @param writeNs how long writing took, nanoseconds
 */
public record Written(
    String host, List<ProcessRecord> processes, List<ImageRecord> images, long writeNs) {

  /** Size of all images before compression. */
  public long rawBytes() {
    return images.stream().mapToLong(ImageRecord::rawBytes).sum();
  }

  /** Size of all images in the store. */
  public long storedBytes() {
    return images.stream().mapToLong(ImageRecord::storedBytes).sum();
  }
}
