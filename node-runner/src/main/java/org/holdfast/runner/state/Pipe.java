// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;

/**
 * One end of a pipe of the job. The other end may be closed: a pipe that came with the job's
 * standard streams is a {@link CallerStream}, all others were made inside it.
 *
 * @param flags status flags and access mode
 * @param pipe which it is
 * @param writing whether it is the end to write to
 * @param capacity its capacity, bytes
 */
public record Pipe(int flags, FileId pipe, boolean writing, long capacity) implements Description {

  static Optional<Description> recognise(DescriptorState fd, JobView job) throws Refusal {
    if (!FileType.FIFO.is(fd) || !fd.link().startsWith("pipe:")) {
      return Optional.empty();
    }
    int access = fd.flags() & OpenFlags.ACCESS_MODE;
    if (access != OpenFlags.READ_ONLY && access != OpenFlags.WRITE_ONLY) {
      throw new Refusal("is both ends of a pipe at once, which cannot be restored yet");
    }
    return Optional.of(
        new Pipe(
            fd.flags(), new FileId(fd.dev(), fd.ino()), access == OpenFlags.WRITE_ONLY, fd.aux()));
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    PlanDescription.Kind kind =
        writing ? PlanDescription.Kind.PIPE_WRITE : PlanDescription.Kind.PIPE_READ;
    return new PlanDescription(kind, flags, -1, numbers.of(pipe), capacity, "");
  }

  @Override
  public Optional<Content> content() {
    return Optional.of(new Content("pipes/" + pipe, Content.Kind.PIPE, 0));
  }
}
