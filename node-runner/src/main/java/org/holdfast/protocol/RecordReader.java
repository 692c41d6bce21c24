// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Walks over the records ({@code struct hf_rec}) of a payload. */
final class RecordReader {
  private static final int HEADER = 8;

  private final ByteBuffer payload;
  private final int end;
  private int next;
  private int type;

  RecordReader(Message message) {
    payload = message.body();
    end = payload.limit();
    next = payload.position();
  }

  /**
   * Moves to the next record, or answers false at the end.
   *
   * @throws ProtocolException when its length is impossible
   */
  boolean next() throws ProtocolException {
    if (next == end) {
      return false;
    }
    if (end - next < HEADER) {
      throw new ProtocolException("a record is cut short");
    }
    payload.limit(end);
    type = payload.getInt(next);
    int length = payload.getInt(next + 4);
    if (length < HEADER || length > end - next) {
      throw new ProtocolException("a record of type " + type + " has the length " + length);
    }
    payload.limit(next + length).position(next + HEADER);
    next += length;
    return true;
  }

  int type() {
    return type;
  }

  /** The record's bytes behind its header, at their current position. */
  ByteBuffer body() {
    return payload;
  }

  /** The bytes up to the next NUL, or to the end of the record. */
  ByteBuffer bytes() {
    int start = payload.position();
    int end = start;
    while (end < payload.limit() && payload.get(end) != 0) {
      end++;
    }
    payload.position(Math.min(end + 1, payload.limit()));
    return payload.slice(start, end - start);
  }

  /** {@link #bytes} as text. */
  String text() {
    return StandardCharsets.UTF_8.decode(bytes()).toString();
  }
}
