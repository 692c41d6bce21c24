// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;

/**
 * A counter of eventfd(2).
 *
 * @param flags status flags
 * @param count its value, unsigned
 * @param semaphore whether each read takes one
 */
public record EventFd(int flags, long count, boolean semaphore) implements Description {

  static Optional<Description> recognise(DescriptorState fd, JobView job) {
    if (!fd.link().equals("anon_inode:[eventfd]")) {
      return Optional.empty();
    }
    return FdInfo.field(fd.info(), "eventfd-count")
        .map(
            count ->
                new EventFd(
                    fd.flags(),
                    Long.parseUnsignedLong(count, 16),
                    FdInfo.field(fd.info(), "eventfd-semaphore").orElse("0").equals("1")));
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(
        PlanDescription.Kind.EVENTFD, flags, -1, count, semaphore ? 1 : 0, "");
  }
}
