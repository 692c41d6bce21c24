// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;

/**
 * A set of epoll_create(2).
 *
 * @param flags status flags
 * @param info its fdinfo: the members by descriptor
 */
public record Epoll(int flags, String info) implements Description {

  static Optional<Description> recognise(DescriptorState fd, JobView job) {
    return fd.link().equals("anon_inode:[eventpoll]")
        ? Optional.of(new Epoll(fd.flags(), fd.info()))
        : Optional.empty();
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(PlanDescription.Kind.EPOLL, flags, -1, 0, 0, info);
  }

  @Override
  public boolean needsProcesses() {
    return true;
  }
}
