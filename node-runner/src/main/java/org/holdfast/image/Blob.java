// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.util.Objects;

/**
 * Content that lies in the memory that is read but belongs to something else, as a pipe or a
 * deleted file.
 *
 * @param name the entry's name in the tar
 * @param address where it begins in the memory that is read
 * @param length its size in bytes
 */
public record Blob(String name, long address, long length) implements TarContent {

  /** Checks. */
  public Blob {
    Objects.requireNonNull(name, "name");
    Check.notNegative("address", address);
    Check.notNegative("length", length);
  }
}
