// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.ByteBuffer;

/**
 * {@code struct hf_range}.
 *
 * @param start the first address
 * @param end the address behind the last
 */
public record MemoryRange(long start, long end) {

  static final int SIZE = 16;

  /** Reads what {@link #toString} gives. */
  @JsonCreator
  public static MemoryRange parse(String text) {
    int dash = text.indexOf('-');
    return new MemoryRange(
        Long.parseUnsignedLong(text, 0, dash, 16),
        Long.parseUnsignedLong(text, dash + 1, text.length(), 16));
  }

  static MemoryRange read(ByteBuffer body) {
    return new MemoryRange(body.getLong(), body.getLong());
  }

  /** Its size, bytes. */
  public long length() {
    return end - start;
  }

  /** As {@code /proc/PID/maps} writes it: hexadecimal, {@code start-end}. */
  @JsonValue
  @Override
  public String toString() {
    return Long.toHexString(start) + "-" + Long.toHexString(end);
  }

  /** Whether both have an address in common. */
  public boolean overlaps(MemoryRange other) {
    return start < other.end && other.start < end;
  }
}
