// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

/**
 * Consecutive pages to be stored.
 *
 * @param start the first address
 * @param end the address after the last
 */
public record MemoryRun(long start, long end) implements TarContent {

  /** Checks. */
  public MemoryRun {
    Check.notNegative("start", start);
    Check.that(end > start, "run is empty");
  }

  /** Its entry's name in the tar. */
  @Override
  public String name() {
    return "mem/%s-%s".formatted(Long.toHexString(start), Long.toHexString(end));
  }

  /** Its size in bytes. */
  @Override
  public long length() {
    return end - start;
  }
}
