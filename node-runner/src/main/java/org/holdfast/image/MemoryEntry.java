// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * Memory of the process in an image; in JSON the array {@code [start, end, offset]}.
 *
 * @param start its first address
 * @param end the address after its last
 * @param offset where its content begins in the raw (decompressed) tar, bytes
 */
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
@JsonPropertyOrder({"start", "end", "offset"})
public record MemoryEntry(long start, long end, long offset) {

  /** Checks. */
  public MemoryEntry {
    Check.notNegative("start", start);
    Check.that(end > start, "memory entry is empty");
    Check.notNegative("offset", offset);
  }

  /** Its size in bytes. */
  public long length() {
    return end - start;
  }
}
