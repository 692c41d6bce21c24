// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.job;

import java.util.Optional;

/** Gets what happens to the job. Called under the job's lock: must not block. */
public interface JobEvents {

  /**
   * Its root process runs.
   *
   * @param remark what its user should know of it
   */
  void started(int rootPid, Optional<String> remark);

  /** Its root process ended, with this wait status. */
  void exited(int status);

  /** No process of it is left. */
  void ended();

  /** It did not start, or was lost; no process of it is left. */
  void failed(String reason);
}
