// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Objects;

/**
 * A file that a process had mapped, kept in the job's {@code objects/}; in JSON the array {@code
 * [path, id]}.
 *
 * @param path where the process had it
 * @param id its name in {@code objects/}: SHA-256 of its content, 64 hexadecimal digits
 */
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
@JsonPropertyOrder({"path", "id"})
public record ObjectRecord(String path, String id) {

  /** Checks. */
  public ObjectRecord {
    Objects.requireNonNull(path, "path");
    Check.that(id.matches("[0-9a-f]{64}"), "not an object id: " + id);
  }
}
