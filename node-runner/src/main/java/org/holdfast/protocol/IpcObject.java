// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * {@code struct hf_ipc_id}: a System V object.
 *
 * @param kind what it is
 * @param id its id
 */
public record IpcObject(Kind kind, int id) {

  /** {@code enum hf_ipc_kind}. */
  public enum Kind {
    SEGMENT(1, RecordType.SEGMENT),
    SEMAPHORES(2, RecordType.SEMAPHORES),
    MESSAGES(3, RecordType.MESSAGES);

    private final int code;
    private final int request;

    Kind(int code, int request) {
      this.code = code;
      this.request = request;
    }

    /** Type of the record that asks for a copy. */
    int request() {
      return request;
    }
  }

  void write(RecordWriter records) {
    records.add(RecordType.IPC_ID, 8, to -> to.putInt(kind.code).putInt(id));
  }

  static IpcObject read(RecordReader reader) throws ProtocolException {
    ByteBuffer body = reader.body();
    int code = body.getInt();
    for (Kind kind : Kind.values()) {
      if (kind.code == code) {
        return new IpcObject(kind, body.getInt());
      }
    }
    throw new ProtocolException("a System V object of kind " + code + " is not known");
  }
}
