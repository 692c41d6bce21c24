// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import java.util.Set;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;

/**
 * A device without a state: null, zero, full, random, urandom.
 *
 * @param flags status flags and access mode
 * @param path where it is
 */
public record Device(int flags, String path) implements Description {

  private static final Set<Long> STATELESS = Set.of(0x103L, 0x105L, 0x107L, 0x108L, 0x109L);

  static Optional<Description> recognise(DescriptorState fd, JobView job) {
    return FileType.CHARACTER_DEVICE.is(fd) && STATELESS.contains(fd.rdev())
        ? Optional.of(new Device(fd.flags(), fd.link()))
        : Optional.empty();
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(PlanDescription.Kind.FILE, flags, 0, 0, 0, path);
  }

  @Override
  public boolean shareable() {
    return false;
  }
}
