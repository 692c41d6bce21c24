// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * {@code struct hf_thread} and its text.
 *
 * @param tid the thread, as the job sees it
 * @param syscall the system call that the stop interrupted, -1: none
 * @param pc its program counter
 * @param sp its stack pointer
 * @param name its short name
 */
public record ThreadState(int tid, int syscall, long pc, long sp, String name) {

  void write(RecordWriter records) {
    records.add(
        RecordType.THREAD, 24, to -> to.putInt(tid).putInt(syscall).putLong(pc).putLong(sp), name);
  }

  static ThreadState read(RecordReader record) {
    ByteBuffer body = record.body();
    return new ThreadState(
        body.getInt(), body.getInt(), body.getLong(), body.getLong(), record.text());
  }
}
