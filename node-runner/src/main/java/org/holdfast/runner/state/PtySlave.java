// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;

/**
 * The slave side of a pseudo terminal whose master side is in the job.
 *
 * @param flags status flags and access mode
 * @param index N of {@code /dev/pts/N}
 */
public record PtySlave(int flags, int index) implements Description {

  private static final int FIRST_MAJOR = 136;
  private static final int MAJORS = 8;

  static Optional<Description> recognise(DescriptorState fd, JobView job) {
    return FileType.CHARACTER_DEVICE.is(fd)
        ? index(fd.rdev())
            .filter(job.ptys()::contains)
            .map(number -> new PtySlave(fd.flags(), number))
        : Optional.empty();
  }

  /** The number of the pseudo terminal that a device is, as {@code st_rdev} tells it. */
  public static Optional<Integer> index(long rdev) {
    int major = (int) ((rdev >> 8) & 0xfff);
    int minor = (int) ((rdev & 0xff) | ((rdev >> 12) & 0xfff00));
    return major >= FIRST_MAJOR && major < FIRST_MAJOR + MAJORS
        ? Optional.of((major - FIRST_MAJOR) * 256 + minor)
        : Optional.empty();
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(PlanDescription.Kind.PTY_SLAVE, flags, -1, index, 0, "");
  }
}
