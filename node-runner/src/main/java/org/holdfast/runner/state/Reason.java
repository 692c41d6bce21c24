// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** What users are told of an exception. */
public final class Reason {

  private Reason() {}

  /** What an exception says, never empty, in one line. */
  public static String of(Throwable error) {
    String message = error.getMessage();
    if (message == null || message.isBlank()) {
      return error.getClass().getSimpleName();
    }
    // These say only which file.
    if (error instanceof AccessDeniedException) {
      return oneLine(message) + ": permission denied";
    }
    if (error instanceof NoSuchFileException) {
      return oneLine(message) + ": no such file or folder";
    }
    return oneLine(message);
  }

  /** A text without the ends of its lines. */
  public static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
