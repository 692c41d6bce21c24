// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.holdfast.runner.state.Refusal;

/** A job's runtime folder: private, and this runner's as long as it lives. */
final class RuntimeFolder implements AutoCloseable {

  private static final String PRIVATE = "rwx------";

  private final Path folder;
  private final FileChannel pid;

  private RuntimeFolder(Path folder, FileChannel pid) {
    this.folder = folder;
    this.pid = pid;
  }

  /**
   * Takes it, and removes the sockets that a dead runner left.
   *
   * @throws Refusal when it is not private, or another runner has it
   */
  static RuntimeFolder take(Path folder) throws IOException, Refusal {
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE)));
    Object owner = Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    if (!owner.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
        || !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new Refusal(
          folder + " belongs to another user: set HOLDFAST_RUNTIME to a folder of your own");
    }
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(PRIVATE));
    FileChannel pid =
        FileChannel.open(
            folder.resolve("runner.pid"),
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    if (pid.tryLock() == null) {
      pid.close();
      throw new Refusal("another node runner of this job lives: see " + folder);
    }
    pid.truncate(0);
    pid.write(
        ByteBuffer.wrap(
            (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
    RuntimeFolder taken = new RuntimeFolder(folder, pid);
    taken.removeSockets();
    return taken;
  }

  /** Where the C side connects. */
  Path jobSocket() {
    return folder.resolve("job.sock");
  }

  /** Where the coordinator connects. */
  Path controlSocket() {
    return folder.resolve("control.sock");
  }

  @Override
  public void close() throws IOException {
    removeSockets();
    Files.deleteIfExists(folder.resolve("runner.pid"));
    pid.close();
  }

  private void removeSockets() throws IOException {
    Files.deleteIfExists(jobSocket());
    Files.deleteIfExists(controlSocket());
  }
}
