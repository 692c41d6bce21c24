// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.rehearsal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.image.FramePool;
import org.holdfast.image.ImageContent;
import org.holdfast.image.ImageWriter;
import org.holdfast.image.PrivateFiles;
import org.holdfast.runner.job.Job;
import org.holdfast.runner.peer.SameUser;
import org.holdfast.runner.state.Refusal;

/**
 * Run once by the build: a rehearsal, and an image of nothing, load what a node runner needs, so
 * that the Java virtual machine can write an archive of these classes.
 */
public final class ClassArchive {
  private ClassArchive() {}

  /** Goes through both in a temporary folder. */
  public static void main(String[] arguments) throws IOException, Refusal, InterruptedException {
    Path folder = Files.createTempDirectory("holdfast-classes");
    try {
      Job job = new Job(Optional.empty(), Optional.empty());
      job.begun();
      new Rehearsal(folder.resolve("rehearsal.sock"), new SameUser(), job).run();
      writeImage(folder);
    } finally {
      PrivateFiles.deleteTree(folder);
    }
  }

  private static void writeImage(Path folder) throws IOException, InterruptedException {
    ImageContent nothing =
        new ImageContent(
            "host", 1, Instant.EPOCH, Map.of("a", new byte[1]), List.of(), List.of(), List.of());
    try (FramePool pool = new FramePool(1)) {
      new ImageWriter(pool, ImageWriter.DEFAULT_LEVEL)
          .write(folder, nothing, (into, address) -> 0, bytes -> {});
    }
  }
}
