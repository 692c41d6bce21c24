// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * {@code struct hf_ipc}: a System V object.
 *
 * @param kind what it is
 * @param id its id
 * @param key its key, 0: private
 * @param size of a segment in bytes, of a set in semaphores, the most bytes in a queue
 * @param attached how often a segment is attached
 * @param record the whole of it with values or messages, in base64, for the restart
 */
public record IpcState(Kind kind, int id, int key, long size, int attached, String record) {

  /** {@code enum hf_ipc_kind}. */
  public enum Kind {
    SEGMENT,
    SEMAPHORES,
    MESSAGES
  }

  static IpcState read(RecordReader reader) throws ProtocolException {
    ByteBuffer body = reader.body();
    byte[] record = new byte[body.remaining()];
    body.duplicate().get(record);
    int kind = body.getInt() - 1;
    if (kind < 0 || kind >= Kind.values().length) {
      throw new ProtocolException("a System V object of kind " + (kind + 1) + " is not known");
    }
    int id = body.getInt();
    int key = body.getInt();
    body.getInt();
    body.getInt();
    body.getInt();
    long size = body.getLong();
    int attached = body.getInt();
    return new IpcState(
        Kind.values()[kind], id, key, size, attached, Base64.getEncoder().encodeToString(record));
  }
}
