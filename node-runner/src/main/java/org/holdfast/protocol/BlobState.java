// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * {@code struct hf_blob}: where in a snapshot's memory the content of a pipe or file lies.
 *
 * @param fd the descriptor that {@link CaptureItem} named
 * @param pipe whether it is a pipe
 * @param address where it begins
 * @param length its size, bytes
 */
public record BlobState(int fd, boolean pipe, long address, long length) {

  static BlobState read(RecordReader record) {
    ByteBuffer body = record.body();
    return new BlobState(
        body.getInt(), body.getInt() == RecordType.TEE, body.getLong(), body.getLong());
  }
}
