// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.holdfast.protocol.ProcessState;
import org.holdfast.runner.state.Area;
import org.holdfast.runner.state.FreeMemory;
import org.holdfast.runner.state.NamedFile;
import org.holdfast.runner.state.OpenDescriptor;
import org.holdfast.runner.state.Refusal;

/** Looks whether this host has what a job needs, before anything is started or changed. */
final class Preflight {

  private final List<ProcessImage> images;
  private final Set<String> checked = new HashSet<>();

  private final KeptFiles keptFiles;
  private final MappedFiles mappedFiles;

  private final WrittenFiles writtenFiles;

  Preflight(
      List<ProcessImage> images,
      KeptFiles keptFiles,
      MappedFiles mappedFiles,
      WrittenFiles writtenFiles) {
    this.images = images;
    this.keptFiles = keptFiles;
    this.mappedFiles = mappedFiles;
    this.writtenFiles = writtenFiles;
  }

  /**
   * Looks.
   *
   * @param user this user's number
   * @throws Refusal what is missing
   */
  void check(int user) throws Refusal, IOException {
    long bytes = 0;
    for (ProcessImage image : images) {
      ProcessState process = image.content().process().process();
      if (process.uid() != user) {
        throw new Refusal(
            "process %d ran as user %d: restart the job as that user"
                .formatted(process.pid(), process.uid()));
      }
      mustExist(process.pid(), process.directory());
      for (OpenDescriptor descriptor : image.content().descriptors()) {
        checkDescriptor(process.pid(), descriptor);
      }
      for (Area area : image.content().areas()) {
        checkArea(process.pid(), area);
      }
      bytes += image.memoryBytes();
    }
    checkMemory(bytes);
  }

  private void checkDescriptor(int pid, OpenDescriptor descriptor) throws Refusal {
    if (descriptor.description() instanceof NamedFile file
        && !writtenFiles.has(Path.of(file.path()))
        && !keptFiles.has(Path.of(file.path()))) {
      mustExist(pid, file.path());
    }
  }

  private void checkArea(int pid, Area area) throws Refusal {
    Path file = Path.of(area.path());
    if (area.stamp().isEmpty() || writtenFiles.has(file) || !checked.add(area.path())) {
      return;
    }
    if (writtenFiles.paths().contains(file)) {
      mustExist(pid, area.path());
    } else if (mappedFiles.place(area).isEmpty()) {
      mustExist(pid, area.path());
      throw new Refusal(
          "%s, which process %d had mapped, is not the file that it was at the checkpoint: put that version back"
              .formatted(area.path(), pid));
    }
  }

  private void mustExist(int pid, String path) throws Refusal {
    if (!Files.exists(Path.of(path))) {
      throw new Refusal("%s, which process %d needs, does not exist".formatted(path, pid));
    }
  }

  private static void checkMemory(long bytes) throws Refusal, IOException {
    long free = FreeMemory.bytes();
    if (bytes > free) {
      throw new Refusal(
          "the job needs %d MiB of memory, %d MiB are free".formatted(bytes >> 20, free >> 20));
    }
  }
}
