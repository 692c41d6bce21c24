// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Copies of the files that a job's processes had mapped, once each, by content. Remembers what it
 * has seen: keep one of them as long as the job runs. Safe for several threads at once.
 */
public final class ObjectStore {

  private static final int BUFFER_BYTES = 1 << 16;

  private final Path folder;
  private final Map<Path, Seen> seen = new ConcurrentHashMap<>();

  /** What a file was like when it was hashed; it is read again when anything of it differs. */
  private record Seen(Map<String, Object> attributes, String id) {}

  /**
   * Uses a folder that need not exist yet.
   *
   * @param folder the job's {@code objects}
   */
  public ObjectStore(Path folder) {
    this.folder = folder;
  }

  /**
   * Stores a file's content unless it is there already. A file that was put before and has not
   * changed since (device, inode, size, times) is not read again.
   *
   * @return its id: SHA-256 of the content, 64 hexadecimal digits
   */
  public String put(Path file) throws IOException {
    try {
      Map<String, Object> attributes =
          Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,ctime");
      Seen before = seen.get(file);
      if (before != null && before.attributes().equals(attributes)) {
        return before.id();
      }
      String id = hash(file, OutputStream.nullOutputStream());
      if (!Files.exists(path(id))) {
        id = copy(file);
      }
      seen.put(file, new Seen(attributes, id));
      return id;
    } catch (IOException e) {
      throw StoreException.cannot("store a copy of", file, e);
    }
  }

  /** Where the object {@code id} is or would be. */
  public Path path(String id) {
    return folder.resolve(id);
  }

  /** Reads the object {@code id} in full. */
  public Verification verify(String id) {
    return new Verification(path(id), damage(id));
  }

  /** Removes the temporary files that a crash left; nobody may be putting. */
  List<Path> removeLeftovers() throws IOException {
    return Files.exists(folder) ? PrivateFiles.deleteTemporaries(folder) : List.of();
  }

  private Optional<String> damage(String id) {
    try {
      return hash(path(id), OutputStream.nullOutputStream()).equals(id)
          ? Optional.empty()
          : Optional.of(
              new ImageDamaged(path(id), "its content is not what its name says").getMessage());
    } catch (NoSuchFileException e) {
      return Optional.of(new ImageDamaged(path(id), "it is missing").getMessage());
    } catch (IOException e) {
      return Optional.of(StoreException.cannot("read", path(id), e).getMessage());
    }
  }

  /** Named by what was copied: the file may have changed since it was hashed. */
  private String copy(Path file) throws IOException {
    PrivateFiles.createFolders(folder);
    Path temporary = PrivateFiles.createTemporary(folder);
    try {
      String id;
      try (FileChannel out = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        id = hash(file, Channels.newOutputStream(out));
        out.force(true);
      }
      if (Files.isExecutable(file)) { // The kernel takes no other file for a program.
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx------"));
      }
      PrivateFiles.move(temporary, path(id));
      PrivateFiles.sync(folder);
      return id;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static String hash(Path file, OutputStream copy) throws IOException {
    MessageDigest digest = Sha256.digest();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
        copy.write(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
