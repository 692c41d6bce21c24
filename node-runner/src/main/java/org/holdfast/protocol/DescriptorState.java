// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * {@code struct hf_fd} and its text.
 *
 * @param fd the descriptor's number
 * @param fdFlags FD_CLOEXEC
 * @param flags open(2) status flags and access mode
 * @param mode {@code st_mode}
 * @param dev {@code st_dev}
 * @param ino {@code st_ino}
 * @param rdev {@code st_rdev}
 * @param size {@code st_size}
 * @param pos the file position, -1: not seekable
 * @param aux of a pipe its capacity, of other files {@code st_nlink}, and above 32 bits the seals
 *     of a memfd
 * @param link what {@code /proc/self/fd} shows
 * @param info what {@code /proc/self/fdinfo} shows
 */
public record DescriptorState(
    int fd,
    int fdFlags,
    int flags,
    int mode,
    long dev,
    long ino,
    long rdev,
    long size,
    long pos,
    long aux,
    String link,
    String info) {

  static DescriptorState read(RecordReader record) {
    ByteBuffer body = record.body();
    return new DescriptorState(
        body.getInt(),
        body.getInt(),
        body.getInt(),
        body.getInt(),
        body.getLong(),
        body.getLong(),
        body.getLong(),
        body.getLong(),
        body.getLong(),
        body.getLong(),
        record.text(),
        record.text());
  }
}
