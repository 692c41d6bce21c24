// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;

/**
 * A descriptor of signalfd(2).
 *
 * @param flags status flags
 * @param mask its signals
 */
public record SignalFd(int flags, long mask) implements Description {

  static Optional<Description> recognise(DescriptorState fd, JobView job) {
    if (!fd.link().equals("anon_inode:[signalfd]")) {
      return Optional.empty();
    }
    return FdInfo.field(fd.info(), "sigmask")
        .map(mask -> new SignalFd(fd.flags(), Long.parseUnsignedLong(mask, 16)));
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(PlanDescription.Kind.SIGNALFD, flags, -1, mask, 0, "");
  }
}
