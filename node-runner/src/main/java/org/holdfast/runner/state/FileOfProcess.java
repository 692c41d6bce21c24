// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PlanDescription;

/**
 * A file in the folder in /proc of a process of the job, which has that folder again when it
 * exists. Of the threads' folders it has the main thread's then; the others' come later.
 *
 * @param flags status flags and access mode
 * @param pos the file position
 * @param path where it is
 */
public record FileOfProcess(int flags, long pos, String path) implements Description {

  private static final Pattern PATH = Pattern.compile("/proc/(\\d+)(/task/(\\d+)/.*|/.*)?");

  static Optional<Description> recognise(DescriptorState fd, JobView job) throws Refusal {
    Matcher matcher = PATH.matcher(fd.link());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    if (!job.pids().contains(Integer.parseInt(matcher.group(1)))) {
      throw new Refusal("is %s, of a process outside the job".formatted(fd.link()));
    }
    String thread = matcher.group(3);
    if (thread != null && !thread.equals(matcher.group(1))) {
      throw new Refusal("is %s, of a thread, which cannot be restored yet".formatted(fd.link()));
    }
    return Optional.of(new FileOfProcess(fd.flags(), fd.pos(), fd.link()));
  }

  @Override
  public PlanDescription plan(ObjectNumbers numbers) {
    return new PlanDescription(PlanDescription.Kind.FILE_OF_PROCESS, flags, pos, 0, 0, path);
  }

  @Override
  public boolean needsProcesses() {
    return true;
  }
}
