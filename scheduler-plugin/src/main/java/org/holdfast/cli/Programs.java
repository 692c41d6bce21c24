// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;

/** Looks for a program as execvp does. */
final class Programs {
  private static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

  private Programs() {}

  /**
   * Checks that a command can be executed.
   *
   * @throws Failure with the shell's codes 126 and 127 when not
   */
  static void check(String command, Path directory, String searchPath) {
    if (command.isEmpty()) {
      throw new Failure(ExitCode.NOT_FOUND, "the command's name is empty");
    }
    List<Path> candidates = candidates(command, directory, searchPath);
    if (candidates.stream()
        .anyMatch(path -> Files.isRegularFile(path) && Files.isExecutable(path))) {
      return;
    }
    if (candidates.stream().anyMatch(Files::isDirectory) && command.contains("/")) {
      throw new Failure(ExitCode.NOT_EXECUTABLE, command + ": is a directory");
    }
    if (candidates.stream().anyMatch(Files::isRegularFile)) {
      throw new Failure(
          ExitCode.NOT_EXECUTABLE, command + ": permission denied: it is not executable");
    }
    throw new Failure(ExitCode.NOT_FOUND, command + ": command not found");
  }

  private static List<Path> candidates(String command, Path directory, String searchPath) {
    if (command.contains("/")) {
      return List.of(directory.resolve(command));
    }
    String path = searchPath.isEmpty() ? DEFAULT_PATH : searchPath;
    return List.of(path.split(":", -1)).stream()
        .map(folder -> directory.resolve(folder).resolve(command))
        .toList();
  }
}
