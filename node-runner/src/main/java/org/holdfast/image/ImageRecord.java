// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One process's image, {@code <host>/<pid>.tar.zst}, as the manifest describes it: enough to read
 * and verify any part of it without reading the rest.
 *
 * @param host where the process ran, a folder in the epoch's
 * @param pid the process's number as the job sees it
 * @param file the image's name, relative to the epoch's folder
 * @param rawBytes size of the tar
 * @param storedBytes size of the file: of all frames
 * @param frameBytes raw bytes in each frame but the last
 * @param frames the zstd frames, in order
 * @param entries what is not memory, in the order of the tar
 * @param memory the memory, ascending
 * @param objects the files that it had mapped and that the job's {@code objects/} keeps
 */
public record ImageRecord(
    String host,
    int pid,
    String file,
    long rawBytes,
    long storedBytes,
    int frameBytes,
    List<Frame> frames,
    List<NamedEntry> entries,
    List<MemoryEntry> memory,
    List<ObjectRecord> objects) {

  /** Checks and copies. */
  public ImageRecord {
    Check.fileName("host", host);
    Check.that(pid > 0, "process number is not positive: " + pid);
    Check.that(file.equals(fileOf(host, pid)), "unexpected name of an image: " + file);
    frames = List.copyOf(frames);
    entries = List.copyOf(entries);
    memory = List.copyOf(memory);
    objects = List.copyOf(objects);
    Check.that(
        frameBytes > 0 && frameBytes <= FramePool.FRAME_BYTES,
        "unknown size of frames: " + frameBytes);
    Check.that(
        frames.size() == FrameIndex.count(rawBytes, frameBytes),
        "frames do not add up to the raw size");
    Check.that(
        storedBytes == frames.stream().mapToLong(Frame::storedBytes).sum(),
        "frames do not add up to the stored size");
    checkOrder(entries, memory, rawBytes);
  }

  /** Everything lies in the tar, one after the other. */
  private static void checkOrder(
      List<NamedEntry> entries, List<MemoryEntry> memory, long rawBytes) {
    long offset = 0;
    for (NamedEntry entry : entries) {
      Check.that(entry.offset() >= offset, "entry out of order: " + entry.name());
      offset = Math.addExact(entry.offset(), entry.length());
    }
    long address = 0;
    for (MemoryEntry entry : memory) {
      Check.that(
          entry.offset() >= offset && entry.start() >= address,
          "memory out of order at 0x" + Long.toHexString(entry.start()));
      offset = Math.addExact(entry.offset(), entry.length());
      address = entry.end();
    }
    Check.that(offset <= rawBytes, "entries beyond the end of the tar");
  }

  /** Whether the file is there in its full size. */
  boolean isStoredIn(Path epoch) {
    try {
      return Files.size(epoch.resolve(file)) == storedBytes;
    } catch (IOException e) {
      return false;
    }
  }

  /** Name of a process's image, relative to the epoch's folder. */
  public static String fileOf(String host, int pid) {
    return host + "/" + pid + ".tar.zst";
  }
}
