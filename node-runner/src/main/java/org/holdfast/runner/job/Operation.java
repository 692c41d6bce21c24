// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.job;

import org.holdfast.runner.peer.PeerListener;

/**
 * A checkpoint or restart that is under way: it hears of all that the C side says, after the job
 * does. Called under the job's lock.
 */
public interface Operation extends PeerListener {

  /**
   * The initial process failed and ends.
   *
   * @return true when the operation starts another one, so that the job has not failed
   */
  default boolean initFailed(String reason) {
    return false;
  }

  /** Whether the job begins to run only when the operation says so. */
  default boolean holdsStart() {
    return false;
  }

  /** Whether the initial process is gone because this wanted it, which goes on. */
  default boolean endsInit() {
    return false;
  }
}
