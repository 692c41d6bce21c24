// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;

/**
 * A regular file or directory, opened again by its path.
 *
 * @param flags status flags and access mode
 * @param pos the file position
 * @param path where it is
 * @param directory whether it is a directory
 * @param size its size at the checkpoint, bytes
 */
public record NamedFile(int flags, long pos, String path, boolean directory, long size)
    implements Description {

  static Optional<Description> recognise(DescriptorState fd, JobView job) throws Refusal {
    boolean directory = FileType.DIRECTORY.is(fd);
    if (!FileType.REGULAR.is(fd) && !directory) {
      return Optional.empty();
    }
    if (directory && DeletedFile.isDeleted(fd)) {
      throw new Refusal("is the deleted directory " + fd.link());
    }
    return Optional.of(
        new NamedFile(fd.flags(), fd.pos(), fd.link(), directory, directory ? 0 : fd.size()));
  }

  /** Whether what was written to it after the checkpoint must be cut off. */
  public boolean writable() {
    return !directory && OpenFlags.writable(flags);
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(PlanDescription.Kind.FILE, flags, pos, 0, 0, path);
  }
}
