// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * {@code struct hf_child}.
 *
 * @param pid the child, as the job sees it
 * @param zombie whether it ended and is not waited for
 * @param status how a zombie ended, as wait(2) gives it
 */
public record ChildState(int pid, boolean zombie, int status) {

  void write(RecordWriter records) {
    records.add(
        RecordType.CHILD, 16, to -> to.putInt(pid).putInt(zombie ? 1 : 0).putInt(status).putInt(0));
  }

  static ChildState read(RecordReader record) {
    ByteBuffer body = record.body();
    return new ChildState(body.getInt(), body.getInt() != 0, body.getInt());
  }
}
