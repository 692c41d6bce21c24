// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.protocol.MemoryRange;
import org.holdfast.runner.state.Area;
import org.holdfast.runner.state.Coverage;
import org.holdfast.runner.state.FileStamp;

/**
 * The files that the job wrote through shared mappings, POSIX shared memory among them. What was
 * mapped of them is in the images, and is written back when the processes get their memory.
 */
final class WrittenFiles {

  private record Written(FileStamp stamp, Coverage mapped) {}

  private final Map<Path, Written> files = new TreeMap<>();

  /**
   * @param images of all processes
   */
  WrittenFiles(List<ProcessImage> images) {
    for (ProcessImage image : images) {
      image.content().areas().stream().filter(Area::isWrittenBack).forEach(this::add);
    }
  }

  private void add(Area area) {
    area.stamp()
        .ifPresent(
            stamp ->
                files
                    .computeIfAbsent(
                        Path.of(area.path()), unused -> new Written(stamp, new Coverage()))
                    .mapped
                    .add(new MemoryRange(area.offset(), area.offset() + area.range().length())));
  }

  /** Where they were. */
  Set<Path> paths() {
    return files.keySet();
  }

  /** The size of one of them at the checkpoint, bytes. */
  long size(Path path) {
    return written(path).stamp.size();
  }

  /** Whether this is one of them, and all that it held is in the images. */
  boolean has(Path path) {
    Written file = files.get(path);
    return file != null && file.mapped.contains(new MemoryRange(0, file.stamp.size()));
  }

  /** Makes one of them, with its size, to be filled by the processes. */
  void make(Path path) throws IOException {
    KeptFiles.makeFolder(path);
    try (FileChannel channel =
        FileChannel.open(
            path,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            KeptFiles.permissions(written(path).stamp.mode()))) {
      if (size(path) > 0) {
        channel.write(ByteBuffer.allocate(1), size(path) - 1);
      }
    }
  }

  private Written written(Path path) {
    Written file = files.get(path);
    if (file == null) {
      throw new IllegalArgumentException(path + " was not written through a mapping");
    }
    return file;
  }
}
