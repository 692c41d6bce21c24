// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A job's runtime folder, which is there as long as the job runs or a command is at work on it. */
public final class RuntimeFolder {
  private static final List<String> FILES =
      List.of(
          "job.sock",
          "control.sock",
          "coordinator.sock",
          "runner.pid",
          "runner.log",
          "plan",
          "coordinator.lock");

  private RuntimeFolder() {}

  /**
   * Removes the folder unless the job runs. Only its coordinator may do that, as its last act.
   *
   * @throws IOException when it cannot be removed
   */
  public static void removeIfOver(Path runtime) throws IOException {
    if (Liveness.of(runtime).running()) {
      return;
    }
    for (String file : FILES) {
      Files.deleteIfExists(runtime.resolve(file));
    }
    Files.deleteIfExists(runtime);
  }
}
