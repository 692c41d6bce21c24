// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * {@code struct hf_blob}: where in a snapshot's memory something lies that it was asked to copy.
 *
 * @param key what it is
 * @param address where it begins
 * @param length its size, bytes
 */
public record BlobState(Key key, long address, long length) {

  /**
   * Which {@link CaptureItem} of a process it is.
   *
   * @param kind type of the record that asked for it
   * @param number its descriptor or id
   */
  public record Key(int kind, int number) {}

  void write(RecordWriter records) {
    records.add(
        RecordType.BLOB,
        24,
        to -> to.putInt(key.number()).putInt(key.kind()).putLong(address).putLong(length));
  }

  static BlobState read(RecordReader record) {
    ByteBuffer body = record.body();
    int number = body.getInt();
    return new BlobState(new Key(body.getInt(), number), body.getLong(), body.getLong());
  }
}
