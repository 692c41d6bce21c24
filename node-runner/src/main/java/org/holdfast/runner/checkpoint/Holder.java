// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.protocol.StreamState;

/**
 * A descriptor of a process.
 *
 * @param pid the process, as the job sees it
 * @param fd the descriptor
 */
record Holder(int pid, int fd) {

  /** The streams of processes, by number, with the descriptors that they belong to. */
  static Map<Holder, StreamState> of(Map<Integer, List<StreamState>> streams) {
    Map<Holder, StreamState> held = new HashMap<>();
    streams.forEach(
        (pid, list) -> list.forEach(stream -> held.put(new Holder(pid, stream.fd()), stream)));
    return held;
  }
}
