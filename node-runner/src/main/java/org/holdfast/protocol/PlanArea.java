// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.util.List;

/**
 * {@code struct hf_area}: a mapping of a process.
 *
 * @param range where it is
 * @param offset into what is mapped
 * @param protection PROT_READ | PROT_WRITE | PROT_EXEC
 * @param kind what it is
 * @param description index of what is mapped, -1: nothing
 * @param advice what it is beside its protection
 */
public record PlanArea(
    MemoryRange range,
    long offset,
    int protection,
    Kind kind,
    int description,
    List<Advice> advice) {

  /** {@code enum hf_area_kind}. */
  public enum Kind {
    ANONYMOUS(1),
    /** Anonymous, grows down. */
    STACK(2),
    /** A private mapping of a file. */
    PRIVATE(3),
    /** A shared mapping of a file or shared memory object. */
    SHARED(4),
    VDSO(5),
    VVAR(6),
    /** An attached System V segment; the offset is its id. */
    SEGMENT(7);

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  void write(RecordWriter records) {
    records.add(
        RecordType.AREA,
        40,
        to ->
            to.putLong(range.start())
                .putLong(range.end())
                .putLong(offset)
                .putInt(protection)
                .putInt(kind.code)
                .putInt(description)
                .putInt(Advice.bits(advice)));
  }
}
