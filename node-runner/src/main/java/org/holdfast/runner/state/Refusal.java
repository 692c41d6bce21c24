// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

/** Something that cannot be done as asked; the message is one line for the user. */
public final class Refusal extends Exception {

  private static final long serialVersionUID = 1L;

  private final String reason;

  /**
   * @param reason what cannot be done, which process or file is why, and what to do
   */
  public Refusal(String reason) {
    super(reason);
    this.reason = reason;
  }

  /** What the message says. */
  public String reason() {
    return reason;
  }
}
