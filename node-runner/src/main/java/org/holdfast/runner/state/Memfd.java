// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;

/**
 * A memory file of memfd_create(2); the image holds its content.
 *
 * @param flags status flags and access mode
 * @param pos the file position
 * @param name its name
 * @param file which it is
 * @param size its size, bytes
 * @param seals what may not be done to it any more, F_SEAL_*
 */
public record Memfd(int flags, long pos, String name, FileId file, long size, int seals)
    implements Description {

  private static final String PREFIX = "/memfd:";
  private static final String SUFFIX = " (deleted)";

  static Optional<Description> recognise(DescriptorState fd, JobView job) {
    if (!FileType.REGULAR.is(fd) || !fd.link().startsWith(PREFIX)) {
      return Optional.empty();
    }
    String name = fd.link().substring(PREFIX.length()).replace(SUFFIX, "");
    return Optional.of(
        new Memfd(
            fd.flags(),
            fd.pos(),
            name,
            new FileId(fd.dev(), fd.ino()),
            fd.size(),
            (int) (fd.aux() >>> 32)));
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(
        PlanDescription.Kind.MEMFD,
        flags,
        pos,
        numbers.of(file) | ((long) seals << 32),
        size,
        name);
  }

  @Override
  public Optional<Content> content() {
    return Optional.of(new Content("files/" + file, Content.Kind.FILE, size));
  }
}
