// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.nio.file.Path;

/** The program {@code holdfast}. */
public final class Main {
  private Main() {}

  /** Runs a command and exits with its code. */
  public static void main(String[] arguments) {
    Session session =
        new Session(System.getenv(), Path.of("").toAbsolutePath(), System.out, System.err);
    int code = new Holdfast(session).run(arguments);
    System.out.flush();
    System.exit(code);
  }
}
