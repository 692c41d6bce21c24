// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnlisterTest {

  private static final HostProcess PROCESS = new HostProcess(7, 1007, "static");
  private static final int INITIAL = 1001;

  @TempDir private Path folder;

  /** A program that says what it was called with and ends with that status. */
  private Enlister enlister(int status) throws IOException {
    Path program = folder.resolve("holdfast-enlist");
    Files.writeString(
        program, "#!/bin/sh\necho \"$@\" >\"${0%/*}/called\"\necho 'no way' >&2\nexit " + status);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return new Enlister(folder, Path.of("/job.sock"));
  }

  @Test
  void theProgramIsCalledWithTheHostsNumbers() throws Exception {
    assertThat(enlister(0).enlist(PROCESS, INITIAL)).isTrue();
    assertThat(folder.resolve("called"))
        .hasContent(folder.resolve("holdfast-engine") + " 1007 1001 /job.sock");
  }

  @Test
  void aProcessThatCannotBeEnlistedHasAReason() throws Exception {
    Enlister enlister = enlister(1);
    assertThat(enlister.enlist(PROCESS, INITIAL)).isFalse();
    assertThat(enlister.failure(PROCESS.pid())).contains("no way");
  }

  @Test
  void aProcessWithItsOwnInterceptorIsNoFailure() throws Exception {
    Enlister enlister = enlister(2);
    assertThat(enlister.enlist(PROCESS, INITIAL)).isFalse();
    assertThat(enlister.failure(PROCESS.pid())).isEmpty();
  }

  @Test
  void withoutTheProgramTheReasonSaysSo() throws Exception {
    Enlister enlister = new Enlister(folder.resolve("nowhere"), Path.of("/job.sock"));
    assertThat(enlister.enlist(PROCESS, INITIAL)).isFalse();
    assertThat(enlister.failure(PROCESS.pid())).get().asString().contains("holdfast-enlist");
  }
}
