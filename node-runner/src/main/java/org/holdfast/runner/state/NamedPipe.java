// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;

/**
 * A FIFO, opened again by its path, and made again if it is gone.
 *
 * @param flags status flags and access mode
 * @param path where it is
 * @param pipe which it is
 * @param mode its permissions
 */
public record NamedPipe(int flags, String path, FileId pipe, int mode) implements Description {

  static Optional<Description> recognise(DescriptorState fd, JobView job) throws Refusal {
    if (!FileType.FIFO.is(fd) || !fd.link().startsWith("/")) {
      return Optional.empty();
    }
    if (DeletedFile.isDeleted(fd)) {
      throw new Refusal("is the deleted FIFO " + fd.link());
    }
    return Optional.of(
        new NamedPipe(fd.flags(), fd.link(), new FileId(fd.dev(), fd.ino()), fd.mode() & 07777));
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(PlanDescription.Kind.FIFO, flags, -1, 0, mode, path);
  }

  @Override
  public Optional<Content> content() {
    return Optional.of(new Content("pipes/" + pipe, Content.Kind.PIPE, 0));
  }
}
