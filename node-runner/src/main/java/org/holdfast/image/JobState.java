// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

/** What a job was last known to do; only its node runner knows whether it still does. */
public enum JobState {
  /** Its runner was started, its root process not yet. */
  STARTING,
  /** Its root process runs. */
  RUNNING,
  /** Its processes stand still after a checkpoint that asked for it. */
  STOPPED,
  /** Its processes were ended after a checkpoint that asked for it: to be restarted. */
  TERMINATED,
  /** Its root process ended by itself; {@link JobRecord#exitStatus()} tells how. */
  EXITED,
  /** It ended without its end being seen, as when its host failed. */
  LOST
}
