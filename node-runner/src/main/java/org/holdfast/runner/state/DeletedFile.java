// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;

/**
 * A regular file that has no name any more; the image holds its content.
 *
 * @param flags status flags and access mode
 * @param pos the file position
 * @param path where it was
 * @param file which it is
 * @param size its size, bytes
 * @param mode its permissions
 */
public record DeletedFile(int flags, long pos, String path, FileId file, long size, int mode)
    implements Description {

  private static final String DELETED = " (deleted)";

  private static final long LINKS = 0xffffffffL;

  static Optional<Description> recognise(DescriptorState fd, JobView job) throws Refusal {
    if (!FileType.REGULAR.is(fd) || !isDeleted(fd)) {
      return Optional.empty();
    }
    if ((fd.aux() & LINKS) > 0) {
      throw new Refusal(
          "(%s) has lost this name but has another, by which it cannot be found"
              .formatted(fd.link()));
    }
    return Optional.of(
        new DeletedFile(
            fd.flags(),
            fd.pos(),
            fd.link(),
            new FileId(fd.dev(), fd.ino()),
            fd.size(),
            fd.mode() & 07777));
  }

  /** The kernel marks deleted names so; a file may have such a name, which then exists. */
  static boolean isDeleted(DescriptorState fd) {
    return fd.link().endsWith(DELETED) && !Files.exists(Path.of(fd.link()));
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(
        PlanDescription.Kind.DELETED, flags, pos, numbers.of(file), mode, path);
  }

  @Override
  public Optional<Content> content() {
    return Optional.of(new Content("files/" + file, Content.Kind.FILE, size));
  }
}
