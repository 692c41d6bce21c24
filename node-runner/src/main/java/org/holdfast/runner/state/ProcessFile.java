// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.List;
import org.holdfast.protocol.ProcessState;

/**
 * {@code process.json} of an image.
 *
 * @param process the process
 * @param zombies its children that ended
 * @param job what is the same in all images of a checkpoint
 */
public record ProcessFile(ProcessState process, List<ZombieState> zombies, JobFacts job) {

  /**
   * What is the same in all images of a checkpoint.
   *
   * @param rootPid the job's root process
   * @param terminal {@code st_rdev} of the job's terminal, 0: it has none
   * @param monotonicNs the job's CLOCK_MONOTONIC when it stood still
   * @param boottimeNs the job's CLOCK_BOOTTIME when it stood still
   */
  public record JobFacts(int rootPid, long terminal, long monotonicNs, long boottimeNs) {}
}
