// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What one process's image is to hold, in the order of the tar.
 *
 * @param host where the process runs
 * @param pid its number as the job sees it
 * @param time the checkpoint's time, which the tar's entries get
 * @param files entries whose content is given, by name: JSON
 * @param blobs entries whose content is read from memory
 * @param memory pages, ascending and without overlap
 * @param objects files that it had mapped, for the record
 */
public record ImageContent(
    String host,
    int pid,
    Instant time,
    Map<String, byte[]> files,
    List<Blob> blobs,
    List<MemoryRun> memory,
    List<ObjectRecord> objects) {

  /** Checks and copies. */
  public ImageContent {
    Check.fileName("host", host);
    Check.that(pid > 0, "process number is not positive: " + pid);
    Objects.requireNonNull(time, "time");
    files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
    blobs = List.copyOf(blobs);
    memory = List.copyOf(memory);
    objects = List.copyOf(objects);
    for (int i = 1; i < memory.size(); i++) {
      Check.that(memory.get(i - 1).end() <= memory.get(i).start(), "memory runs are not ascending");
    }
  }
}
