// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.image.ObjectRecord;
import org.holdfast.image.ObjectStore;
import org.holdfast.image.Verification;
import org.holdfast.runner.state.Area;
import org.holdfast.runner.state.FileStamp;
import org.holdfast.runner.state.Refusal;

/**
 * Where the files are that a process had mapped and only read: in their places, or, when they were
 * changed or removed since, among the objects of the job. What another process wrote through its
 * mapping stays one file for both.
 */
final class MappedFiles {

  /** Speaks with the node runner, and so must be of the same version: it has no second place. */
  private static final Path INTERCEPTOR = Path.of("libholdfast.so");

  private final ObjectStore objects;
  private final WrittenFiles written;
  private final Map<String, String> ids = new HashMap<>();
  private final Map<String, Optional<Path>> places = new HashMap<>();

  MappedFiles(List<ProcessImage> images, WrittenFiles written, ObjectStore objects) {
    this.written = written;
    this.objects = objects;
    for (ProcessImage image : images) {
      for (ObjectRecord object : image.objects()) {
        ids.put(object.path(), object.id());
      }
    }
  }

  /**
   * Where the file of an area is.
   *
   * @param area of a file that is only read
   * @return empty when it is nowhere
   * @throws Refusal when its copy is damaged
   */
  Optional<Path> place(Area area) throws Refusal {
    Optional<Path> known = places.get(area.path());
    if (known == null) {
      known = find(area);
      places.put(area.path(), known);
    }
    return known;
  }

  private Optional<Path> find(Area area) throws Refusal {
    Path original = Path.of(area.path());
    if (written.paths().contains(original)
        || FileStamp.of(original)
            .flatMap(now -> area.stamp().filter(now::sameContent))
            .isPresent()) {
      return Optional.of(original);
    }
    String id = ids.get(area.path());
    if (id == null || original.endsWith(INTERCEPTOR)) {
      return Optional.empty();
    }
    Verification copy = objects.verify(id);
    if (copy.damage().isPresent()) {
      throw new Refusal(
          "%s has changed since the checkpoint, and its copy cannot be used: %s"
              .formatted(original, copy.damage().get()));
    }
    return Optional.of(objects.path(id));
  }
}
