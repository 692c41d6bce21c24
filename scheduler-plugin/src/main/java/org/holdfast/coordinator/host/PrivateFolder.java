// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.runner.state.Reason;

/** Folders that only the user may enter. */
public final class PrivateFolder {
  private static final String PRIVATE = "rwx------";

  private PrivateFolder() {}

  /**
   * Makes a folder of the user's own, with those above it.
   *
   * @throws Failure when it cannot be made or belongs to somebody else
   */
  public static void make(Path folder) {
    try {
      FileAttribute<?> mode =
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE));
      Files.createDirectories(folder, mode);
      checkOwner(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(PRIVATE));
    } catch (IOException e) {
      throw new Failure(
          ExitCode.STORE, "cannot make the folder %s: %s".formatted(folder, Reason.of(e)), e);
    }
  }

  /**
   * Checks that a folder belongs to this user.
   *
   * @throws Failure when it does not
   */
  public static void checkOwner(Path folder) {
    if (owner(folder) != userId()) {
      throw new Failure(
          ExitCode.REFUSED,
          folder + " belongs to another user: have it removed or set HOLDFAST_RUNTIME");
    }
  }

  /** The number of the user that this process runs as. */
  public static int userId() {
    return owner(Path.of("/proc/self/task"));
  }

  private static int owner(Path path) {
    try {
      // Never null: the attribute view gives it for every file.
      return (Integer)
          Objects.requireNonNull(Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS));
    } catch (IOException e) {
      throw new Failure(ExitCode.INTERNAL, "cannot read %s: %s".formatted(path, Reason.of(e)), e);
    }
  }
}
