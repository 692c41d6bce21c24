// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import java.util.regex.Pattern;
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
 * @param file which it is
 * @param mode its permissions
 */
public record NamedFile(
    int flags, long pos, String path, boolean directory, long size, FileId file, int mode)
    implements Description {

  /** Larger ones are as they are at the restart; bytes. */
  private static final long MOST_KEPT = 1 << 20;

  private static final Pattern KERNELS = Pattern.compile("/(proc|sys|dev)/.*");

  static Optional<Description> recognise(DescriptorState fd, JobView job) throws Refusal {
    boolean directory = FileType.DIRECTORY.is(fd);
    if (!FileType.REGULAR.is(fd) && !directory) {
      return Optional.empty();
    }
    if (directory && DeletedFile.isDeleted(fd)) {
      throw new Refusal("is the deleted directory " + fd.link());
    }
    return Optional.of(
        new NamedFile(
            fd.flags(),
            fd.pos(),
            fd.link(),
            directory,
            directory ? 0 : fd.size(),
            new FileId(fd.dev(), fd.ino()),
            fd.mode() & 07777));
  }

  /** Whether what was written to it after the checkpoint must be cut off. */
  public boolean writable() {
    return !directory && OpenFlags.writable(flags);
  }

  /** The image's entry with its content, if it has one. */
  public String entry() {
    return "files/" + file;
  }

  /** A small file's is kept, for the job may delete or replace it before it is restarted. */
  @Override
  public Optional<Content> content() {
    boolean kept = !directory && size <= MOST_KEPT && !KERNELS.matcher(path).matches();
    return kept
        ? Optional.of(new Content(entry(), Content.Kind.KEPT_FILE, size))
        : Optional.empty();
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(PlanDescription.Kind.FILE, flags, pos, 0, 0, path);
  }
}
