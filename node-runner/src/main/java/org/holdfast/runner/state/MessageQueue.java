// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;

/**
 * A POSIX message queue; the image holds its messages.
 *
 * @param flags status flags and access mode
 * @param name its name, without {@code /}
 * @param queue which it is
 * @param unlinked whether it has no name any more
 */
public record MessageQueue(int flags, String name, FileId queue, boolean unlinked)
    implements Description {

  /** What the interceptor puts before its name. */
  private static final String MARK = "mqueue:";

  private static final String DELETED = " (deleted)";

  static Optional<Description> recognise(DescriptorState fd, JobView job) {
    if (!FileType.REGULAR.is(fd) || !fd.link().startsWith(MARK)) {
      return Optional.empty();
    }
    boolean unlinked = fd.link().endsWith(DELETED);
    String name = fd.link().substring(fd.link().lastIndexOf('/') + 1);
    return Optional.of(
        new MessageQueue(
            fd.flags(),
            unlinked ? name.substring(0, name.length() - DELETED.length()) : name,
            new FileId(fd.dev(), fd.ino()),
            unlinked));
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(
        PlanDescription.Kind.MQUEUE, flags, -1, numbers.of(queue), unlinked ? 1 : 0, name);
  }

  @Override
  public Optional<Content> content() {
    return Optional.of(new Content("mqueues/" + queue, Content.Kind.MESSAGES, 0));
  }
}
