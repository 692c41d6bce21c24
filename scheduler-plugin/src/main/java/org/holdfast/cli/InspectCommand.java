// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.coordinator.operation.Failures;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.image.FramePool;
import org.holdfast.image.ImageRecord;
import org.holdfast.image.JobFolder;
import org.holdfast.image.Manifest;
import org.holdfast.image.StoredEpoch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast inspect}. */
@Command(
    name = "inspect",
    description = "Shows what is in a checkpoint's images: threads, descriptors, memory.",
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "JOB", description = "The job's number or name.")
  String name = "";

  @Option(names = "--epoch", paramLabel = "N", description = "Which; default: the newest.")
  @Nullable Integer epoch;

  @Option(names = "--pid", paramLabel = "PID", description = "Only this process.")
  @Nullable Integer pid;

  @Option(names = "--json", description = "Print it as JSON.")
  boolean json;

  @Mixin StoreOption storeOption = new StoreOption();

  /**
   * What a checkpoint holds.
   *
   * @param epoch its number
   * @param images of its processes
   */
  record Inspection(int epoch, List<ImageView> images) {}

  InspectCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ManagedJob job = new Jobs(session.locations(), storeOption.path(session)).find(name);
    try {
      Inspection inspection = inspect(job);
      if (json) {
        Json.print(session.out(), inspection);
      } else {
        session.out().println("checkpoint %d of %s".formatted(inspection.epoch(), job.label()));
        inspection.images().forEach(image -> image.print(session.out()));
      }
      return ExitCode.OK.number();
    } catch (IOException e) {
      throw Failures.of(job.label(), e);
    }
  }

  private Inspection inspect(ManagedJob job) throws IOException {
    Manifest manifest = job.folder().manifest(epoch == null ? newest(job) : epoch);
    List<ImageView> images = new ArrayList<>();
    try (FramePool pool = new FramePool(1)) {
      for (ImageRecord image : manifest.images()) {
        if (pid == null || image.pid() == pid) {
          images.add(ImageView.read(job.folder().epochPath(manifest.epoch()), image, pool));
        }
      }
    }
    if (images.isEmpty() && pid != null) {
      throw new Failure(
          ExitCode.USAGE,
          "checkpoint %d of %s has no process %d: 'holdfast show %d' lists them"
              .formatted(manifest.epoch(), job.label(), pid, job.id()));
    }
    return new Inspection(manifest.epoch(), images);
  }

  private static int newest(ManagedJob job) throws IOException {
    JobFolder folder = job.folder();
    return folder.epochs().stream()
        .mapToInt(StoredEpoch::epoch)
        .max()
        .orElseThrow(
            () ->
                new Failure(
                    ExitCode.BAD_IMAGE,
                    "%s has no checkpoint yet: 'holdfast checkpoint %d' takes one"
                        .formatted(job.label(), job.id())));
  }
}
