// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;

/**
 * A descriptor of pidfd_open(2).
 *
 * @param flags status flags
 * @param pid the process, as the job sees it
 */
public record PidFd(int flags, int pid) implements Description {

  static Optional<Description> recognise(DescriptorState fd, JobView job) throws Refusal {
    if (!fd.link().equals("anon_inode:[pidfd]")) {
      return Optional.empty();
    }
    int pid = FdInfo.field(fd.info(), "Pid").map(Integer::parseInt).orElse(-1);
    if (!job.pids().contains(pid)) {
      throw new Refusal("is a pidfd of a process that has ended or is not of the job");
    }
    return Optional.of(new PidFd(fd.flags(), pid));
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(PlanDescription.Kind.PIDFD, flags, -1, pid, 0, "");
  }

  @Override
  public boolean needsProcesses() {
    return true;
  }
}
