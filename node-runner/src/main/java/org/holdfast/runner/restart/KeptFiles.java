// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.runner.state.NamedFile;
import org.holdfast.runner.state.OpenDescriptor;

/** The small files that the job had open, whose content the images have. */
final class KeptFiles {

  private record Kept(ProcessImage image, NamedFile file) {}

  private final Map<Path, Kept> files = new TreeMap<>();

  /**
   * @param images of all processes
   */
  KeptFiles(List<ProcessImage> images) {
    Map<String, ProcessImage> holders = new HashMap<>();
    images.forEach(image -> image.names().forEach(name -> holders.put(name, image)));
    for (ProcessImage image : images) {
      for (OpenDescriptor descriptor : image.content().descriptors()) {
        if (descriptor.description() instanceof NamedFile file
            && holders.containsKey(file.entry())) {
          add(holders.get(file.entry()), file);
        }
      }
    }
  }

  /** Processes are described one after the other: a file may have grown since it was first seen. */
  private void add(ProcessImage holder, NamedFile file) {
    if (holder.length(file.entry()) == file.size()) {
      files.put(Path.of(file.path()), new Kept(holder, file));
    } else {
      files.remove(Path.of(file.path()));
    }
  }

  /** Where they were. */
  Set<Path> paths() {
    return files.keySet();
  }

  /** Whether the content that this file had at the checkpoint can be had. */
  boolean has(Path path) {
    return files.containsKey(path);
  }

  /** Whether what is there now does not begin with the content of the checkpoint. */
  boolean isChanged(Path path) throws IOException {
    byte[] then = content(path);
    try (InputStream now = Files.newInputStream(path)) {
      return !Arrays.equals(then, now.readNBytes(then.length));
    }
  }

  /** Writes the file as it was at the checkpoint. */
  void write(Path path) throws IOException {
    boolean isNew = !Files.exists(path);
    makeFolder(path);
    Files.write(path, content(path));
    if (isNew) {
      Files.setPosixFilePermissions(path, permissions(kept(path).file().mode()).value());
    }
  }

  /** Makes the folder of a file, which may be gone, too; others than the user get nothing there. */
  static void makeFolder(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null
        && !Files.isDirectory(
            folder)) { // or a link to one, which createDirectories takes for a file
      Files.createDirectories(folder, permissions(0700));
    }
  }

  private byte[] content(Path path) throws IOException {
    Kept kept = kept(path);
    try (InputStream in = kept.image().stream(kept.file().entry())) {
      return in.readAllBytes();
    }
  }

  private Kept kept(Path path) {
    Kept kept = files.get(path);
    if (kept == null) {
      throw new IllegalArgumentException(path + " is not kept");
    }
    return kept;
  }

  /** As {@code st_mode} has them. */
  static FileAttribute<Set<PosixFilePermission>> permissions(int mode) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] all = PosixFilePermission.values(); // from the owner's to the others'
    for (int n = 0; n < all.length; n++) {
      if ((mode & (0400 >> n)) != 0) {
        permissions.add(all[n]);
      }
    }
    return PosixFilePermissions.asFileAttribute(permissions);
  }
}
