// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuntimeFolderTest {

  @TempDir Path parent;

  @Test
  void isPrivateAndSaysWhoseItIs() throws Exception {
    Path path = parent.resolve("7");
    try (RuntimeFolder folder = RuntimeFolder.take(path)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rwx------");
      assertThat(path.resolve("runner.pid")).hasContent(ProcessHandle.current().pid() + "\n");
      assertThat(folder.jobSocket()).isEqualTo(path.resolve("job.sock"));
    }
    assertThat(path).isEmptyDirectory();
  }

  @Test
  void removesTheSocketsOfADeadRunner() throws Exception {
    Files.createFile(parent.resolve("job.sock"));
    Files.createFile(parent.resolve("control.sock"));
    Files.writeString(parent.resolve("runner.pid"), "1234567890\n");
    try (RuntimeFolder folder = RuntimeFolder.take(parent)) {
      assertThat(folder.jobSocket()).doesNotExist();
      assertThat(folder.controlSocket()).doesNotExist();
      assertThat(parent.resolve("runner.pid")).hasContent(ProcessHandle.current().pid() + "\n");
    }
  }

  @Test
  void isOneRunnersOnly() throws Exception {
    try (RuntimeFolder folder = RuntimeFolder.take(parent)) {
      // Another process is told so by a refusal; inside this one the lock itself objects.
      assertThatThrownBy(() -> RuntimeFolder.take(parent))
          .isInstanceOf(OverlappingFileLockException.class);
      assertThat(folder.controlSocket()).doesNotExist();
    }
  }
}
