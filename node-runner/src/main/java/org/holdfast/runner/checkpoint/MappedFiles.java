// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.holdfast.image.ObjectRecord;
import org.holdfast.image.ObjectStore;
import org.holdfast.runner.state.Area;
import org.holdfast.runner.state.FileStamp;

/**
 * Keeps copies of what processes have mapped and an upgrade of the system may change: executables,
 * libraries, and small files such as locales. Large data stays where it is. One for each
 * checkpoint.
 */
final class MappedFiles {

  private static final long SMALL = 16 << 20;

  private final ObjectStore objects;

  /** What was done with each path; empty: it is not kept. */
  private final Map<String, Optional<ObjectRecord>> done = new HashMap<>();

  MappedFiles(ObjectStore objects) {
    this.objects = objects;
  }

  /**
   * Keeps the files of these areas. One that has changed since the checkpoint cannot be kept.
   *
   * @throws IOException when the store fails
   */
  synchronized List<ObjectRecord> keep(List<Area> areas) throws IOException {
    Set<ObjectRecord> kept = new LinkedHashSet<>();
    for (Area area : areas) {
      if (area.isOnlyRead()) {
        keep(area).ifPresent(kept::add);
      }
    }
    return List.copyOf(kept);
  }

  private Optional<ObjectRecord> keep(Area area) throws IOException {
    Optional<ObjectRecord> known = done.get(area.path());
    if (known == null) {
      known =
          isWorthACopy(area)
              ? Optional.of(new ObjectRecord(area.path(), objects.put(Path.of(area.path()))))
              : Optional.empty();
      done.put(area.path(), known);
    }
    return known;
  }

  private static boolean isWorthACopy(Area area) {
    return area.stamp()
        .filter(stamp -> stamp.buildId().isPresent() || stamp.size() <= SMALL)
        .flatMap(stamp -> FileStamp.of(Path.of(area.path())).filter(stamp::sameContent))
        .isPresent();
  }
}
