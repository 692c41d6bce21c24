// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.host;

import java.util.Locale;

/** What a checkpoint does about connections that leave the job. */
public enum External {
  /** It records them: the job goes on with them, a restarted one finds them reset. */
  RESET,
  /** It is refused. */
  FAIL;

  /** The word for it in messages, settings and on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
