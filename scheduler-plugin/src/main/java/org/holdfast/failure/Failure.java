// SPDX-License-Identifier: Apache-2.0
package org.holdfast.failure;

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
    return oneLine(
        message == null || message.isBlank() ? error.getClass().getSimpleName() : message);
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
