// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.host;

import java.util.Locale;

/** What becomes of the job after a checkpoint. */
public enum Then {
  /** It goes on. */
  CONTINUE,
  /** Its processes are stopped, as by SIGSTOP. */
  STOP,
  /** Its processes are ended, to be restarted later. */
  TERMINATE;

  /** The word for it in messages and on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
