// SPDX-License-Identifier: Apache-2.0
package org.holdfast.failure;

import org.holdfast.runner.state.Reason;

/** A failure that the user is told about in one line. */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode code;

  /**
   * @param code what the process exits with
   * @param message what happened, to which job, file or host, and what to do
   */
  public Failure(ExitCode code, String message) {
    super(Reason.oneLine(message));
    this.code = code;
  }

  /**
   * @param cause for the log, never shown to the user
   */
  public Failure(ExitCode code, String message, Throwable cause) {
    super(Reason.oneLine(message), cause);
    this.code = code;
  }

  /** What the process exits with. */
  public ExitCode code() {
    return code;
  }

  /** The message, never null. */
  public String line() {
    return Reason.of(this);
  }
}
