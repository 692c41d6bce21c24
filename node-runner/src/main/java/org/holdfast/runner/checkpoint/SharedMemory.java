// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.protocol.CaptureItem;
import org.holdfast.protocol.Gathered;
import org.holdfast.protocol.IpcObject;
import org.holdfast.protocol.MemoryRange;
import org.holdfast.runner.state.Coverage;
import org.holdfast.runner.state.FileId;
import org.holdfast.runner.state.FileStamp;
import org.holdfast.runner.state.MapsLine;
import org.holdfast.runner.state.MapsReader;
import org.holdfast.runner.state.Refusal;
import org.holdfast.runner.state.SharedArea;

/**
 * Chooses which process copies which part of which shared memory object, so that each byte is
 * copied once, and only by a process that has it mapped.
 */
final class SharedMemory {

  /** Tells what is in the swap area. */
  interface Swap {
    /**
     * Whether a part of this area of a process is.
     *
     * @throws Refusal when that cannot be told
     */
    boolean has(int pid, MemoryRange area) throws Refusal;
  }

  /** Tells how much memory is free. */
  interface Free {
    /** In bytes. */
    long bytes() throws IOException;
  }

  private record Mapping(int pid, MapsLine line) {
    MemoryRange offsets() {
      return new MemoryRange(line.offset(), line.offset() + line.range().length());
    }
  }

  private final Map<FileId, Coverage> covered = new HashMap<>();
  private final Map<Integer, List<CaptureItem.CopyArea>> copies = new TreeMap<>();
  private final List<Mapping> unreadable = new ArrayList<>();
  private final Set<Long> segments = new HashSet<>();
  private final Map<String, Optional<FileStamp>> stamps = new HashMap<>();

  private final Swap swap;
  private long onDisk;

  private SharedMemory(Swap swap) {
    this.swap = swap;
  }

  /** That of a job without processes. */
  static SharedMemory none() {
    return new SharedMemory((pid, range) -> false);
  }

  /**
   * Looks at the shared areas of all processes.
   *
   * @param processes by number
   * @param swap tells what is in the swap area
   * @param namer names a process in a refusal
   * @throws Refusal when one cannot be restored
   */
  static SharedMemory of(Map<Integer, Gathered> processes, Swap swap, ProcessNamer namer)
      throws Refusal {
    SharedMemory memory = new SharedMemory(swap);
    for (Map.Entry<Integer, Gathered> process : processes.entrySet()) {
      for (MapsLine line : MapsReader.shared(process.getValue().maps())) {
        try {
          memory.add(new Mapping(process.getKey(), line));
        } catch (Refusal e) {
          throw new Refusal(namer.name(process.getKey()) + ": " + e.reason());
        }
      }
    }
    return memory;
  }

  /** What this process copies. */
  List<CaptureItem.CopyArea> copies(int pid) {
    return copies.getOrDefault(pid, List.of());
  }

  /** The stamps of the files that are written, by path. */
  Map<String, Optional<FileStamp>> stamps() {
    return stamps;
  }

  /** Whether a process has attached this System V segment. */
  boolean isAttached(IpcObject object) {
    return object.kind() == IpcObject.Kind.SEGMENT && segments.contains((long) object.id());
  }

  /** Whether the first {@code size} bytes of this object are copied with the processes' memory. */
  boolean covers(FileId file, long size) {
    return covered.getOrDefault(file, new Coverage()).contains(new MemoryRange(0, size));
  }

  /**
   * Refuses memory whose content nobody can copy: no process may read it.
   *
   * @param copied objects whose content is copied by a descriptor
   * @param namer names a process in a refusal
   */
  void refuseUnreadable(Set<FileId> copied, ProcessNamer namer) throws Refusal {
    for (Mapping mapping : unreadable) {
      FileId file = mapping.line.file();
      if (!copied.contains(file)
          && !covered.getOrDefault(file, new Coverage()).contains(mapping.offsets())) {
        throw new Refusal(
            "%s: shared memory %s is protected against reading in every process, so it cannot be captured"
                .formatted(namer.name(mapping.pid), mapping.line.range()));
      }
    }
  }

  /**
   * Refuses mapped files of which no copy fits into memory.
   *
   * @param memory asked only when there are such files
   */
  void refuseTooLarge(Free memory) throws Refusal {
    if (onDisk == 0) {
      return;
    }
    try {
      long free = memory.bytes();
      if (onDisk > free) {
        throw new Refusal(
            "the files that the job has mapped shared and writes have to be copied into memory: %d MiB, of which %d MiB are free"
                .formatted(onDisk >> 20, free >> 20));
      }
    } catch (IOException e) {
      throw new Refusal("it cannot be told how much memory is free: " + e.getMessage());
    }
  }

  private void add(Mapping mapping) throws Refusal {
    MapsLine line = mapping.line;
    SharedArea.Kind kind = SharedArea.kind(line);
    if (kind == SharedArea.Kind.UNCHANGED || kind == SharedArea.Kind.WITH_SERVICE) {
      return;
    }
    if (kind == SharedArea.Kind.WRITTEN) {
      stamps.computeIfAbsent(line.path(), path -> FileStamp.of(Path.of(path)));
    }
    if (line.isSegment()) {
      segments.add(line.file().inode());
    }
    if (!line.readable()) {
      unreadable.add(mapping);
      return;
    }
    Coverage coverage = covered.computeIfAbsent(line.file(), file -> new Coverage());
    long shift = line.range().start() - line.offset();
    boolean isOnDisk = SharedArea.isOnDisk(line);
    boolean whole = isOnDisk || swap.has(mapping.pid, line.range());
    for (MemoryRange part : coverage.missing(mapping.offsets())) {
      onDisk += isOnDisk ? part.length() : 0;
      copies
          .computeIfAbsent(mapping.pid, unused -> new ArrayList<>())
          .add(
              new CaptureItem.CopyArea(
                  new MemoryRange(part.start() + shift, part.end() + shift), whole));
    }
    coverage.add(mapping.offsets());
  }
}
