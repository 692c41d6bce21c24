// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator;

/** An operation of the coordinator that did not succeed; the message is one line for the user. */
public final class CoordinatorException extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * @param message what happened, to which job, and what to do; line breaks become blanks
   */
  public CoordinatorException(String message) {
    super(oneLine(message));
  }

  /**
   * @param message as above
   * @param cause for the log, never shown to the user
   */
  public CoordinatorException(String message, Throwable cause) {
    super(oneLine(message), cause);
  }

  /** One line saying what {@code thrown} is about, for exceptions whose message may be missing. */
  static String reason(Throwable thrown) {
    String message = thrown.getMessage();
    return oneLine(
        message == null || message.isBlank() ? thrown.getClass().getSimpleName() : message);
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
