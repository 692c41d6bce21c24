// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * By what a file is known to be the same at the restart.
 *
 * @param inode its inode
 * @param size its size, bytes
 * @param modifiedNs when it was modified, nanoseconds since 1970
 * @param mode its permissions
 * @param buildId the build-id of an executable or library; empty: it has none
 */
public record FileStamp(
    long inode, long size, long modifiedNs, int mode, Optional<String> buildId) {

  /** The stamp of a file; empty: it does not exist. */
  public static Optional<FileStamp> of(Path file) {
    try {
      Map<String, Object> values =
          Files.readAttributes(file, "unix:ino,size,mode,lastModifiedTime");
      FileTime modified = (FileTime) Objects.requireNonNull(values.get("lastModifiedTime"));
      return Optional.of(
          new FileStamp(
              (Long) Objects.requireNonNull(values.get("ino")),
              (Long) Objects.requireNonNull(values.get("size")),
              modified.to(TimeUnit.NANOSECONDS),
              (Integer) Objects.requireNonNull(values.get("mode")) & 07777,
              BuildId.of(file)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Whether a file with this stamp has the same content, as far as can be told without reading. */
  public boolean sameContent(FileStamp other) {
    if (buildId.isPresent() && other.buildId.isPresent()) {
      return buildId.equals(other.buildId) && size == other.size;
    }
    return size == other.size && modifiedNs == other.modifiedNs;
  }
}
