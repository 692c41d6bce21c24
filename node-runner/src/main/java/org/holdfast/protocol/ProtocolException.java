// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.io.IOException;

/** A peer that does not speak this protocol, or another version of it. */
public final class ProtocolException extends IOException {

  private static final long serialVersionUID = 1L;

  private final String reason;

  /**
   * @param message one line: what came and what was expected
   */
  public ProtocolException(String message) {
    super(message);
    reason = message;
  }

  /** What the message says. */
  public String reason() {
    return reason;
  }
}
