// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

/**
 * {@code struct hf_data}: the content of a pipe or deleted file.
 *
 * @param description index of its description
 * @param bytes the content
 */
@SuppressWarnings("ArrayRecordComponent") // Written once, never compared.
public record PlanData(int description, byte[] bytes) {

  void write(RecordWriter records) {
    records.add(
        RecordType.DATA,
        16 + bytes.length,
        to -> to.putInt(description).putInt(0).putLong(bytes.length).put(bytes));
  }
}
