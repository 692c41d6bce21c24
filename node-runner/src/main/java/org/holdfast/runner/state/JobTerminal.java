// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;
import org.holdfast.protocol.PtyState;

/**
 * The job's terminal, by its own name or as {@code /dev/tty}.
 *
 * @param flags status flags and access mode
 * @param pty its modes and window
 */
public record JobTerminal(int flags, PtyState pty) implements Description {

  private static final long CONTROLLING_TERMINAL = 0x500;

  static Optional<Description> recognise(DescriptorState fd, JobView job) {
    boolean terminal =
        job.terminal() != 0
            && FileType.CHARACTER_DEVICE.is(fd)
            && (fd.rdev() == job.terminal() || fd.rdev() == CONTROLLING_TERMINAL);
    return terminal
        ? Optional.of(new JobTerminal(fd.flags(), fd.pty().orElse(new PtyState(0, ""))))
        : Optional.empty();
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(PlanDescription.Kind.TERMINAL, flags, -1, 0, 0, pty.body());
  }
}
