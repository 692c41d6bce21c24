// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.holdfast.protocol.MemoryRange;

/** A set of numbers, kept as ranges. */
public final class Coverage {

  /** Starts and ends; neither touching nor overlapping. */
  private final NavigableMap<Long, Long> ranges = new TreeMap<>();

  /** Whether all of this range is in the set. */
  public boolean contains(MemoryRange range) {
    return missing(range).isEmpty();
  }

  /** The parts of this range that are not in the set, ascending. */
  public List<MemoryRange> missing(MemoryRange range) {
    List<MemoryRange> parts = new ArrayList<>();
    long at = range.start();
    while (at < range.end()) {
      Map.Entry<Long, Long> before = ranges.floorEntry(at);
      if (before != null && before.getValue() > at) {
        at = before.getValue();
        continue;
      }
      Long next = ranges.higherKey(at);
      long end = next == null ? range.end() : Math.min(next, range.end());
      parts.add(new MemoryRange(at, end));
      at = end;
    }
    return parts;
  }

  /** Adds a range. */
  public void add(MemoryRange range) {
    long start = range.start();
    long end = range.end();
    Map.Entry<Long, Long> touching = ranges.floorEntry(end);
    while (touching != null && touching.getValue() >= start) {
      start = Math.min(start, touching.getKey());
      end = Math.max(end, touching.getValue());
      ranges.remove(touching.getKey());
      touching = ranges.floorEntry(end);
    }
    ranges.put(start, end);
  }
}
