// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Which memory lies where in an image's tar. */
final class MemoryMap {

  /** Ascending, by address as by offset. */
  private final List<MemoryEntry> entries;

  /** What {@code entries} have between two addresses. */
  MemoryMap(List<MemoryEntry> entries, long start, long end) {
    this.entries = new ArrayList<>();
    for (MemoryEntry entry : entries) {
      long from = Math.max(start, entry.start());
      long to = Math.min(end, entry.end());
      if (from < to) {
        this.entries.add(new MemoryEntry(from, to, entry.offset() + from - entry.start()));
      }
    }
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Where its first byte lies in the tar. */
  long firstOffset() {
    return entries.get(0).offset();
  }

  /** Where its last byte lies in the tar. */
  long lastOffset() {
    MemoryEntry last = entries.get(entries.size() - 1);
    return last.offset() + last.length() - 1;
  }

  /**
   * Gives out what memory there is in {@code raw}, a part of the tar.
   *
   * @param offset where {@code raw} begins in the tar
   * @return how many bytes were given out
   */
  long give(ByteBuffer raw, long offset, MemorySink sink) throws IOException {
    long end = offset + raw.limit();
    long given = 0;
    for (int i = firstAfter(offset); i < entries.size() && entries.get(i).offset() < end; i++) {
      MemoryEntry entry = entries.get(i);
      long from = Math.max(offset, entry.offset());
      long to = Math.min(end, entry.offset() + entry.length());
      ByteBuffer part = raw.slice((int) (from - offset), (int) (to - from));
      sink.write(part, entry.start() + from - entry.offset());
      given += to - from;
    }
    return given;
  }

  /** Index of the first entry that ends after {@code offset} of the tar. */
  private int firstAfter(long offset) {
    int low = 0;
    int high = entries.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      MemoryEntry entry = entries.get(middle);
      if (entry.offset() + entry.length() <= offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
