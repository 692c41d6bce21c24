// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator;

import java.io.IOException;

/** A node runner that is not there, went away, did not answer in time, or refused a request. */
public final class RunnerException extends IOException {

  private static final long serialVersionUID = 1L;

  /** What went wrong. */
  public enum Kind {
    /** Nothing listens on the job's control socket. */
    ABSENT,
    /** The connection ended before the answer. */
    CLOSED,
    /** No answer within the time limit. */
    TIMEOUT,
    /** The runner answered with an error of its own. */
    REFUSED
  }

  private final Kind kind;

  /**
   * @param kind what went wrong
   * @param message one line for the user
   */
  public RunnerException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** What went wrong. */
  public Kind kind() {
    return kind;
  }
}
