// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.nio.file.Path;

/**
 * A file of the store is not what was written: cut short, of another size, or with changed bits.
 */
public final class ImageDamaged extends StoreException {

  private static final long serialVersionUID = 1L;

  /**
   * @param file the damaged file
   * @param reason how it differs from what was written, without a full stop
   */
  public ImageDamaged(Path file, String reason) {
    super(file + " is damaged: " + reason);
  }
}
