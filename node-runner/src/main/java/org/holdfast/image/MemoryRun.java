// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

/**
 * Consecutive pages to be stored.
 *
 * @param start the first address
 * @param end the address after the last
 */
public record MemoryRun(long start, long end) {

  /** Checks. */
  public MemoryRun {
    Check.notNegative("start", start);
    Check.that(end > start, "run is empty");
  }

  /** Its size in bytes. */
  public long length() {
    return end - start;
  }
}
