// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.protocol.Gathered;
import org.holdfast.protocol.IpcObject;
import org.holdfast.protocol.StreamState;
import org.holdfast.runner.state.OpenDescriptor;
import org.holdfast.runner.state.ZombieState;

/**
 * The job as it stood still.
 *
 * @param time when
 * @param monotonicNs its CLOCK_MONOTONIC then
 * @param processes their states, by number
 * @param descriptors their descriptors, by the process's number
 * @param zombies their children that ended, by the parent's number
 * @param ipc the System V objects that they know, each once
 * @param memory their shared memory
 * @param byDriver those that the kernel driver stopped
 */
record Frozen(
    Instant time,
    long monotonicNs,
    Map<Integer, Gathered> processes,
    Map<Integer, List<OpenDescriptor>> descriptors,
    Map<Integer, List<ZombieState>> zombies,
    List<IpcObject> ipc,
    SharedMemory memory,
    Set<Integer> byDriver) {

  /** The same with other descriptors. */
  Frozen with(Map<Integer, List<OpenDescriptor>> now) {
    return new Frozen(time, monotonicNs, processes, now, zombies, ipc, memory, byDriver);
  }

  /** How far their TCP connections were. */
  Map<Holder, StreamState> streams() {
    Map<Integer, List<StreamState>> streams = new HashMap<>();
    processes.forEach((pid, state) -> streams.put(pid, state.streams()));
    return Holder.of(streams);
  }

  List<OpenDescriptor> descriptors(int pid) {
    return descriptors.getOrDefault(pid, List.of());
  }

  List<ZombieState> zombies(int pid) {
    return zombies.getOrDefault(pid, List.of());
  }

  int threads() {
    return processes.values().stream().mapToInt(state -> state.threads().size()).sum();
  }
}
