// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;

/**
 * A timer of timerfd_create(2).
 *
 * @param flags status flags
 * @param info its fdinfo: clock, time left, interval
 */
public record TimerFd(int flags, String info) implements Description {

  static Optional<Description> recognise(DescriptorState fd, JobView job) {
    return fd.link().equals("anon_inode:[timerfd]")
        ? Optional.of(new TimerFd(fd.flags(), fd.info()))
        : Optional.empty();
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(PlanDescription.Kind.TIMERFD, flags, -1, 0, 0, info);
  }
}
