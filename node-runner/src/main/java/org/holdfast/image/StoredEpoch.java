// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.util.Objects;

/** A committed checkpoint as it is found in the store: usable, or named with the reason why not. */
public sealed interface StoredEpoch {

  /** The checkpoint's number. */
  int epoch();

  /**
   * Its manifest is intact; whether its images are is told by {@link JobFolder#verify}.
   *
   * @param manifest what it holds
   */
  @SuppressWarnings("JavaLangClash") // It is never named without the outer type.
  record Readable(Manifest manifest) implements StoredEpoch {

    /** Checks. */
    public Readable {
      Objects.requireNonNull(manifest, "manifest");
    }

    @Override
    public int epoch() {
      return manifest.epoch();
    }
  }

  /**
   * Its manifest is missing, or not what was written.
   *
   * @param epoch the checkpoint's number
   * @param reason one line
   */
  record Damaged(int epoch, String reason) implements StoredEpoch {

    /** Checks. */
    public Damaged {
      Objects.requireNonNull(reason, "reason");
    }
  }

  /**
   * It was written by a newer Holdfast.
   *
   * @param epoch the checkpoint's number
   * @param reason one line that says both versions
   */
  record Newer(int epoch, String reason) implements StoredEpoch {

    /** Checks. */
    public Newer {
      Objects.requireNonNull(reason, "reason");
    }
  }
}
