// SPDX-License-Identifier: Apache-2.0
package org.holdfast.failure;

import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** A failure that the user is told about in one line. */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode code;

  /**
   * @param code what the process exits with
   * @param message what happened, to which job, file or host, and what to do
   */
  public Failure(ExitCode code, String message) {
    super(oneLine(message));
    this.code = code;
  }

  /**
   * @param cause for the log, never shown to the user
   */
  public Failure(ExitCode code, String message, Throwable cause) {
    super(oneLine(message), cause);
    this.code = code;
  }

  /** What the process exits with. */
  public ExitCode code() {
    return code;
  }

  /** The message, never null. */
  public String line() {
    return reason(this);
  }

  /** What an exception says, never empty, in one line. */
  public static String reason(Throwable error) {
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

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
