// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * {@code struct hf_pty}: a pseudo terminal, from its master side; of the other side only its modes
 * and window are known.
 *
 * @param index N of {@code /dev/pts/N}
 * @param record the whole of it, in base64, for the restart
 */
public record PtyState(int index, String record) {

  /** The record as the plan of a restart has it. */
  public ByteBuffer body() {
    return ByteBuffer.wrap(Base64.getDecoder().decode(record));
  }

  static PtyState read(RecordReader reader) {
    ByteBuffer body = reader.body();
    byte[] record = new byte[body.remaining()];
    body.duplicate().get(record);
    body.getInt();
    return new PtyState(body.getInt(), Base64.getEncoder().encodeToString(record));
  }
}
