// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a command works with: the caller's environment and streams.
 *
 * @param environment the caller's
 * @param directory the working directory
 * @param out for what was asked for
 * @param err for everything else
 */
record Session(Map<String, String> environment, Path directory, PrintStream out, PrintStream err) {
  /** Where things are. */
  Locations locations() {
    return new Locations(environment);
  }

  /** Tells the caller something beside what was asked for. */
  void note(String line) {
    err.println("holdfast: " + line);
  }
}
