// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code /proc/PID/maps}. */
public final class MapsReader {

  private MapsReader() {}

  /** All lines. */
  public static List<MapsLine> all(String maps) {
    return maps.lines().map(MapsLine::parse).toList();
  }

  /** The lines of shared areas; decodes nothing else, for it runs inside the freeze. */
  public static List<MapsLine> shared(ByteBuffer maps) {
    List<MapsLine> lines = new ArrayList<>();
    int end = maps.limit();
    for (int at = maps.position(); at < end; ) {
      int perms = at;
      while (perms < end && maps.get(perms) != ' ') {
        perms++;
      }
      int next = Math.min(perms + 5, end);
      while (next < end && maps.get(next) != '\n') {
        next++;
      }
      if (perms + 4 < end && maps.get(perms + 4) == 's') {
        lines.add(
            MapsLine.parse(StandardCharsets.UTF_8.decode(maps.slice(at, next - at)).toString()));
      }
      at = next + 1;
    }
    return lines;
  }
}
