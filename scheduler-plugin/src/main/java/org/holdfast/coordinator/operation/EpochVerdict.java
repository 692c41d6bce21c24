// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.operation;

import java.util.List;

/**
 * Whether a checkpoint is what was written.
 *
 * @param epoch its number
 * @param files how many files were read
 * @param damage one line for each file that is not what was written
 */
public record EpochVerdict(int epoch, int files, List<String> damage) {
  /** Copies. */
  public EpochVerdict {
    damage = List.copyOf(damage);
  }

  /** Whether all of it is intact. */
  public boolean good() {
    return damage.isEmpty();
  }
}
