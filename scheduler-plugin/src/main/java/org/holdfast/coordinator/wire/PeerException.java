// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.wire;

import java.io.IOException;

/** A peer that is not there, went away, did not answer in time, or refused a request. */
public final class PeerException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What went wrong. */
  public enum Kind {
    /** Nothing listens on the socket. */
    ABSENT,
    /** The connection ended before the answer. */
    CLOSED,
    /** No answer and no progress within the time limit. */
    TIMEOUT,
    /** The peer answered with an error of its own. */
    REFUSED
  }

  private final Kind kind;
  private final String code;

  /**
   * @param kind what went wrong
   * @param message one line for the user
   */
  public PeerException(Kind kind, String message) {
    this(kind, message, "");
  }

  /**
   * @param code the peer's word for the kind of its refusal, empty: none given
   */
  public PeerException(Kind kind, String message, String code) {
    super(message);
    this.kind = kind;
    this.code = code;
  }

  /** What went wrong. */
  public Kind kind() {
    return kind;
  }

  /** The peer's word for the kind of its refusal; empty when it gave none. */
  public String code() {
    return code;
  }
}
