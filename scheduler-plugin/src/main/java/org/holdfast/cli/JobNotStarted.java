// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

/** The runner could not start or restart the job; the message is its reason. */
final class JobNotStarted extends Exception {
  private static final long serialVersionUID = 1L;

  JobNotStarted(String reason) {
    super(reason);
  }
}
