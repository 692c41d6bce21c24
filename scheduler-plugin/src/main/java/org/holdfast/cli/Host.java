// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;

/** This host. */
final class Host {
  private Host() {}

  /** Its name, as the kernel has it. */
  static String name() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      throw new Failure(ExitCode.INTERNAL, "cannot read this host's name", e);
    }
  }
}
