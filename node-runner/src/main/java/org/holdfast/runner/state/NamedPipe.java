// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;

/**
 * A FIFO, opened again by its path.
 *
 * @param flags status flags and access mode
 * @param path where it is
 * @param pipe which it is
 */
public record NamedPipe(int flags, String path, FileId pipe) implements Description {

  static Optional<Description> recognise(DescriptorState fd, JobView job) throws Refusal {
    if (!FileType.FIFO.is(fd) || !fd.link().startsWith("/")) {
      return Optional.empty();
    }
    if (DeletedFile.isDeleted(fd)) {
      throw new Refusal("is the deleted FIFO " + fd.link());
    }
    return Optional.of(new NamedPipe(fd.flags(), fd.link(), new FileId(fd.dev(), fd.ino())));
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(PlanDescription.Kind.FILE, flags, -1, 0, 0, path);
  }

  @Override
  public Optional<Content> content() {
    return Optional.of(new Content("pipes/" + pipe, Content.Kind.PIPE, 0));
  }
}
