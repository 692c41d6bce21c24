// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.holdfast.image.ObjectRecord;
import org.holdfast.image.ObjectStore;
import org.holdfast.runner.state.Area;
import org.holdfast.runner.state.FileStamp;

/**
 * Keeps copies of what processes have mapped and an upgrade of the system may change: executables,
 * libraries, and small files such as locales. Large data stays where it is.
 */
final class MappedFiles {

  private static final long SMALL = 16 << 20;

  private final ObjectStore objects;

  MappedFiles(ObjectStore objects) {
    this.objects = objects;
  }

  /**
   * Keeps the files of these areas. One that has changed since the checkpoint cannot be kept.
   *
   * @throws IOException when the store fails
   */
  synchronized List<ObjectRecord> keep(List<Area> areas) throws IOException {
    List<ObjectRecord> kept = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Area area : areas) {
      if (area.isOnlyRead() && seen.add(area.path()) && isWorthACopy(area)) {
        kept.add(new ObjectRecord(area.path(), objects.put(Path.of(area.path()))));
      }
    }
    return kept;
  }

  private static boolean isWorthACopy(Area area) {
    return area.stamp()
        .filter(stamp -> stamp.buildId().isPresent() || stamp.size() <= SMALL)
        .flatMap(stamp -> FileStamp.of(Path.of(area.path())).filter(stamp::sameContent))
        .isPresent();
  }
}
