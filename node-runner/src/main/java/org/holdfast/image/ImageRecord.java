// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

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
    Check.that(frameBytes > 0, "frame size is not positive");
    Check.that(
        frames.size() == -Math.floorDiv(-rawBytes, frameBytes),
        "frames do not add up to the raw size");
    Check.that(
        storedBytes == frames.stream().mapToLong(Frame::storedBytes).sum(),
        "frames do not add up to the stored size");
  }

  /** Name of a process's image, relative to the epoch's folder. */
  public static String fileOf(String host, int pid) {
    return host + "/" + pid + ".tar.zst";
  }
}
