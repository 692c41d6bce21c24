// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether a file of the store is what was written.
 *
 * @param file which
 * @param damage one line that says how it differs; empty: it is intact
 */
public record Verification(Path file, Optional<String> damage) {

  /** Checks. */
  public Verification {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(damage, "damage");
  }

  /** Whether it is intact. */
  public boolean good() {
    return damage.isEmpty();
  }
}
