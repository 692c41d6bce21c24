// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.image.JobRecord;
import org.holdfast.image.JobState;
import org.holdfast.image.PrivateFiles;
import org.holdfast.image.Store;

/**
 * Run once by the build: goes through commands that load what the others load too, the coordinator
 * included, so that the Java virtual machine can write an archive of these classes. With the
 * archive the command line and the coordinator start in a fraction of the time.
 */
public final class ClassArchive {
  private ClassArchive() {}

  /** Goes through the commands; everything that they write goes to a temporary folder. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createTempDirectory("holdfast-classes");
    try {
      new Store(folder.resolve("store")).create(id -> record(id));
      Session session =
          new Session(
              Map.of(
                  "HOLDFAST_STORE", folder.resolve("store").toString(),
                  "HOLDFAST_RUNTIME", folder.resolve("runtime").toString(),
                  "HOLDFAST_CONFIG", folder.resolve("none").toString(),
                  "XDG_STATE_HOME", folder.resolve("state").toString()),
              folder,
              new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
              System.err);
      for (String command : List.of("--help", "jobs", "show 1 --json", "verify 1", "show 1")) {
        int code = new Holdfast(session).run(command.split(" ", -1));
        if (code != 0) {
          throw new IllegalStateException("'holdfast %s' ended with %d".formatted(command, code));
        }
      }
    } finally {
      PrivateFiles.deleteTree(folder);
    }
  }

  private static JobRecord record(long id) {
    return new JobRecord(
        JobRecord.SCHEMA,
        id,
        "archive",
        List.of("true"),
        "/",
        Map.of(),
        022,
        "nobody",
        Host.name(),
        Optional.empty(),
        1,
        Instant.now(),
        JobState.EXITED,
        Optional.of(0));
  }
}
