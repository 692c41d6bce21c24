// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.List;
import java.util.Set;

/**
 * What must be known of the job to recognise a descriptor.
 *
 * @param terminal {@code st_rdev} of its terminal, 0: it has none
 * @param streams what {@code /proc/PID/fd} shows for the caller's standard streams
 * @param pids its processes, zombies too
 * @param ptys numbers of the pseudo terminals whose master sides it has
 */
public record JobView(long terminal, List<String> streams, Set<Integer> pids, Set<Integer> ptys) {

  /** Copies. */
  public JobView {
    streams = List.copyOf(streams);
    pids = Set.copyOf(pids);
    ptys = Set.copyOf(ptys);
  }
}
