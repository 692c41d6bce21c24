// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Objects;

/**
 * An entry of an image that is not memory at its own address: JSON, or the content of a pipe or
 * deleted file. In JSON the array {@code [name, length, offset]}.
 *
 * @param name its name in the tar
 * @param length its size in bytes
 * @param offset where its content begins in the raw (decompressed) tar, bytes
 */
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
@JsonPropertyOrder({"name", "length", "offset"})
public record NamedEntry(String name, long length, long offset) {

  /** Checks. */
  public NamedEntry {
    Objects.requireNonNull(name, "name");
    Check.notNegative("length", length);
    Check.notNegative("offset", offset);
  }
}
