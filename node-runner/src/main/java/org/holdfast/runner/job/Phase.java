// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.job;

import java.util.Locale;

/** What the job does, as {@code status} tells. */
public enum Phase {
  STARTING,
  RUNNING,
  QUIESCED,
  WRITING,
  ENDED;

  /** The name in the protocol. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
