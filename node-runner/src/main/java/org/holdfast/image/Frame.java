// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * One zstd frame of an image; in JSON the array {@code [storedBytes, crc32c]}. Frames follow each
 * other without gaps, and each holds {@link ImageRecord#frameBytes()} raw bytes but the last.
 *
 * @param storedBytes its compressed size
 * @param crc32c CRC-32C of the compressed bytes
 */
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
@JsonPropertyOrder({"storedBytes", "crc32c"})
public record Frame(int storedBytes, long crc32c) {

  /** Checks. */
  public Frame {
    Check.that(storedBytes > 0, "frame is empty");
    Check.that(crc32c >= 0 && crc32c <= 0xffff_ffffL, "checksum is out of range: " + crc32c);
  }
}
