// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.nio.file.Path;

/** A file was written by a newer Holdfast, in a format that this one does not know. */
public final class NewerFormat extends StoreException {

  private static final long serialVersionUID = 1L;

  /**
   * @param file what was read
   * @param found its schema version
   * @param supported the newest schema version that this Holdfast reads
   */
  public NewerFormat(Path file, int found, int supported) {
    super(
        "%s has format version %d, this Holdfast reads versions up to %d: use a newer Holdfast"
            .formatted(file, found, supported));
  }
}
