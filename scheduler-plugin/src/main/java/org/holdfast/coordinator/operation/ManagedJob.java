// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.operation;

import java.nio.file.Path;
import java.util.Objects;
import org.holdfast.image.JobFolder;

/**
 * A job and where its things are.
 *
 * @param folder its folder in the store
 * @param runtime its runtime folder: the sockets
 * @param state its state folder: the index and the coordinator's log
 */
public record ManagedJob(JobFolder folder, Path runtime, Path state) {
  /** Its number. */
  public long id() {
    return folder.id();
  }

  /** The store that it is in. */
  public Path store() {
    return Objects.requireNonNull(folder.path().toAbsolutePath().getParent());
  }

  /** How messages begin that are about it. */
  public String label() {
    return "job " + id();
  }
}
