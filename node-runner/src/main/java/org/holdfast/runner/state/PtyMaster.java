// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;
import org.holdfast.protocol.PtyState;

/**
 * The master side of a pseudo terminal that the job has made.
 *
 * @param flags status flags
 * @param pty what is known of it
 */
public record PtyMaster(int flags, PtyState pty) implements Description {

  private static final long PTMX = 0x502;
  private static final String INDEX = "tty-index";

  static Optional<Description> recognise(DescriptorState fd, JobView job) {
    return index(fd)
        .map(number -> new PtyMaster(fd.flags(), fd.pty().orElse(new PtyState(number, ""))));
  }

  /** The number of the pseudo terminal, if the descriptor is the master side of one. */
  public static Optional<Integer> index(DescriptorState fd) {
    return FileType.CHARACTER_DEVICE.is(fd) && fd.rdev() == PTMX
        ? FdInfo.field(fd.info(), INDEX).map(Integer::parseInt)
        : Optional.empty();
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(
        PlanDescription.Kind.PTY_MASTER, flags, -1, pty.index(), 0, pty.body());
  }

  @Override
  public Optional<Content> content() {
    return Optional.of(new Content("ptys/" + pty.index(), Content.Kind.QUEUE, 0));
  }
}
