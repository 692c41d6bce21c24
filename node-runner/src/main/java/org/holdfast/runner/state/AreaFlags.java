// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.holdfast.protocol.MemoryRange;

/** What {@code /proc/PID/smaps} tells of a process's areas: {@code VmFlags}, {@code Swap}. */
public final class AreaFlags {

  private static final String PREFIX = "VmFlags:";
  private static final String SWAP = "Swap:";

  private record Flags(MemoryRange range, Set<String> flags) {}

  private final NavigableMap<Long, Flags> areas = new TreeMap<>();
  private final List<MemoryRange> swapped = new ArrayList<>();

  private AreaFlags() {}

  /** Reads {@code smaps}. */
  public static AreaFlags read(Path smaps) throws IOException {
    return parse(Files.readAllLines(smaps).stream());
  }

  static AreaFlags parse(Stream<String> lines) {
    AreaFlags flags = new AreaFlags();
    MemoryRange[] range = new MemoryRange[1];
    lines.forEach(
        line -> {
          if (line.startsWith(PREFIX)) {
            MemoryRange of = range[0];
            Set<String> set = Set.of(line.substring(PREFIX.length()).strip().split(" +"));
            flags.areas.put(of.start(), new Flags(of, set));
          } else if (line.startsWith(SWAP)) {
            if (!line.matches(SWAP + " +0 kB")) {
              flags.swapped.add(range[0]);
            }
          } else if (isHead(line)) {
            range[0] = MemoryRange.parse(line.substring(0, line.indexOf(' ')));
          }
        });
    return flags;
  }

  /** Others begin with a name and a colon. */
  private static boolean isHead(String line) {
    int dash = line.indexOf('-');
    return dash > 0 && dash < line.indexOf(' ') && line.lastIndexOf(':', dash) < 0;
  }

  /** Whether there is memory in all of this range. */
  public boolean covers(MemoryRange range) {
    long at = range.start();
    while (at < range.end()) {
      Map.Entry<Long, Flags> entry = areas.floorEntry(at);
      if (entry == null || entry.getValue().range.end() <= at) {
        return false;
      }
      at = entry.getValue().range.end();
    }
    return true;
  }

  /** Whether a part of an area in this range is in the swap area. */
  public boolean isSwapped(MemoryRange range) {
    return swapped.stream().anyMatch(range::overlaps);
  }

  /** Whether an area in this range has one of these flags. */
  public boolean any(MemoryRange range, List<String> wanted) {
    Map.Entry<Long, Flags> first = areas.floorEntry(range.start());
    long from = first == null ? range.start() : first.getKey();
    return areas.subMap(from, range.end()).values().stream()
        .filter(area -> area.range.overlaps(range))
        .anyMatch(area -> wanted.stream().anyMatch(area.flags::contains));
  }
}
