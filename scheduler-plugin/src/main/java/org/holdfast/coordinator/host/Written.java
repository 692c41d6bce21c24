// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.host;

import java.util.List;
import org.holdfast.image.ImageRecord;
import org.holdfast.image.ProcessRecord;

/**
 * What one host's runner wrote.
 *
 * @param host its name
 * @param processes the job's processes there
 * @param images their images
 * @param writeNs how long it took, nanoseconds
 * @param connections those that leave the job, one line each
 */
public record Written(
    String host,
    List<ProcessRecord> processes,
    List<ImageRecord> images,
    long writeNs,
    List<String> connections) {
  /** Copies. */
  public Written {
    processes = List.copyOf(processes);
    images = List.copyOf(images);
    connections = List.copyOf(connections);
  }
}
