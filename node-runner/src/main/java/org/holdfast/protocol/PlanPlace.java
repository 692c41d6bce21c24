// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

/**
 * {@code struct hf_place}: a descriptor of a process.
 *
 * @param fd its number; from {@link DescriptorState#HELD} on it is on its way in a queue
 * @param description index of what it refers to
 * @param fdFlags FD_CLOEXEC
 */
public record PlanPlace(int fd, int description, int fdFlags) {

  void write(RecordWriter records) {
    records.add(
        RecordType.PLACE, 16, to -> to.putInt(fd).putInt(description).putInt(fdFlags).putInt(0));
  }
}
