// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.holdfast.protocol.Quiesced;
import org.holdfast.runner.state.OpenDescriptor;

/**
 * The job as it stood still.
 *
 * @param time when
 * @param monotonicNs its CLOCK_MONOTONIC then
 * @param processes their states, by number
 * @param descriptors their descriptors, by the process's number
 * @param memory their shared memory
 */
record Frozen(
    Instant time,
    long monotonicNs,
    Map<Integer, Quiesced> processes,
    Map<Integer, List<OpenDescriptor>> descriptors,
    SharedMemory memory) {

  List<OpenDescriptor> descriptors(int pid) {
    return descriptors.getOrDefault(pid, List.of());
  }

  int threads() {
    return processes.values().stream().mapToInt(state -> state.threads().size()).sum();
  }
}
