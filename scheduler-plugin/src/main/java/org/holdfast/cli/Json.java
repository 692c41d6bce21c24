// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.PrintStream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Output for programs. */
final class Json {
  private Json() {}

  /** Prints a value, indented, and a line break. */
  static void print(PrintStream out, Object value) {
    out.println(
        JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build()
            .writeValueAsString(value));
  }
}
