// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

/** Checks of record components. */
final class Check {

  private Check() {}

  /** Returns {@code value} if it is at least 0. */
  static long notNegative(String what, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(what + " is negative: " + value);
    }
    return value;
  }

  /** Throws {@link IllegalArgumentException} with {@code message} unless {@code condition}. */
  static void that(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Refuses what cannot be the name of one file in a folder. */
  static void fileName(String what, String name) {
    that(
        !name.isEmpty() && !name.equals(".") && !name.equals("..") && name.indexOf('/') < 0,
        what + " is not a file name: " + name);
  }
}
