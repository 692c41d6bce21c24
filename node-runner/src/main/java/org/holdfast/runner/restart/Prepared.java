// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.image.FramePool;
import org.holdfast.image.JobFolder;
import org.holdfast.protocol.Plan;
import org.holdfast.runner.state.Refusal;

/** A checkpoint whose restart can begin: this host has what it needs, its files are rolled back. */
public final class Prepared {

  private static final Path PROC = Path.of("/proc");

  /** What is restored within the ten minutes of a grant on a store of 100 MB/s. */
  private static final long GRANTED_BYTES = 60L * 1000 * 1000 * 1000;

  private final List<ProcessImage> images;
  private final Plan plan;
  private final boolean root;
  private final ProcessNumbers numbers;

  private Prepared(List<ProcessImage> images, Plan plan, boolean root, ProcessNumbers numbers) {
    this.images = images;
    this.plan = plan;
    this.root = root;
    this.numbers = numbers;
  }

  /**
   * Opens the images, looks whether this host has what the job needs, and then rolls its files
   * back.
   *
   * @param job the job's folder in the store
   * @param epoch the checkpoint's number
   * @param pool decompresses
   * @param grants whether the kernel driver lets an ordinary user choose process numbers
   * @throws Refusal when something is missing; nothing was changed
   * @throws IOException when the checkpoint is damaged or missing
   */
  public static Prepared from(JobFolder job, int epoch, FramePool pool, boolean grants)
      throws Refusal, IOException {
    int user = (Integer) Files.getAttribute(PROC.resolve("self"), "unix:uid");
    boolean root = user == 0;
    List<ProcessImage> images =
        ProcessImage.open(job.epochPath(epoch), job.manifest(epoch).images(), pool);
    KeptFiles kept = new KeptFiles(images);
    WrittenFiles written = new WrittenFiles(images);
    MappedFiles mapped = new MappedFiles(images, written, job.objects());
    FileRollback rollback = new FileRollback(images, kept, written);
    new Preflight(images, kept, mapped, written).check(user);
    rollback.check();
    ProcessNumbers numbers =
        new ProcessNumbers(PROC, images.stream().map(ProcessImage::content).toList());
    Plan plan =
        new Planner(images, mapped, numbers::nextSpare)
            .plan(numbers.choose(root, grants && isSoonDone(images)));
    rollback.roll(epoch);
    return new Prepared(images, plan, root, numbers);
  }

  private static boolean isSoonDone(List<ProcessImage> images) {
    return images.stream().mapToLong(ProcessImage::rawBytes).sum() <= GRANTED_BYTES;
  }

  List<ProcessImage> images() {
    return images;
  }

  Plan plan() {
    return plan;
  }

  boolean root() {
    return root;
  }

  ProcessNumbers numbers() {
    return numbers;
  }
}
