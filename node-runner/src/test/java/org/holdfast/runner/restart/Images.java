// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.holdfast.image.Blob;
import org.holdfast.image.FramePool;
import org.holdfast.image.ImageContent;
import org.holdfast.image.ImageRecord;
import org.holdfast.image.ImageWriter;
import org.holdfast.image.ObjectRecord;
import org.holdfast.runner.state.StateFiles;

/** Real images of invented processes. */
final class Images {

  private Images() {}

  /** Writes images with these states, each with these blobs of three bytes, and opens them. */
  static List<ProcessImage> of(
      Path folder, FramePool pool, Map<Integer, List<String>> blobs, StateFiles.Content... states)
      throws Exception {
    return of(folder, pool, blobs, List.of(), states);
  }

  /** The same for processes that had mapped these files. */
  static List<ProcessImage> of(
      Path folder,
      FramePool pool,
      Map<Integer, List<String>> blobs,
      List<ObjectRecord> objects,
      StateFiles.Content... states)
      throws Exception {
    Files.createDirectories(folder);
    List<ImageRecord> records = new ArrayList<>();
    for (StateFiles.Content state : states) {
      int pid = state.process().process().pid();
      List<Blob> contents = new ArrayList<>();
      for (String name : blobs.getOrDefault(pid, List.of())) {
        contents.add(new Blob(name, 0x1000, 3));
      }
      ImageContent content =
          new ImageContent(
              "host",
              pid,
              Instant.EPOCH,
              new StateFiles().write(state),
              contents,
              List.of(),
              objects);
      records.add(new ImageWriter(pool, 1).write(folder, content, Images::read, bytes -> {}));
    }
    return ProcessImage.open(folder, records, pool);
  }

  private static int read(ByteBuffer into, long address) {
    int count = into.remaining();
    while (into.hasRemaining()) {
      into.put((byte) 'x');
    }
    return count;
  }
}
