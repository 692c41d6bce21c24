// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a snapshot tells, in two messages.
 *
 * @param blobs what it copied; in the first message
 * @param runs the pages to store, ascending; in the second message
 * @param whole whether this is the second message
 */
public record SnapshotState(List<BlobState> blobs, List<MemoryRange> runs, boolean whole) {

  /** The message that tells it. */
  public Message message(int epoch) {
    RecordWriter records = new RecordWriter();
    blobs.forEach(blob -> blob.write(records));
    if (whole) {
      records.add(
          RecordType.RUNS,
          runs.size() * MemoryRange.SIZE,
          to -> runs.forEach(run -> to.putLong(run.start()).putLong(run.end())));
    }
    return records.message(MessageType.SNAPSHOT, epoch);
  }

  /** Reads it from a message of type {@link MessageType#SNAPSHOT}. */
  public static SnapshotState read(Message message) throws ProtocolException {
    List<BlobState> blobs = new ArrayList<>();
    List<MemoryRange> runs = new ArrayList<>();
    boolean whole = false;
    RecordReader records = new RecordReader(message);
    while (records.next()) {
      switch (records.type()) {
        case RecordType.BLOB -> blobs.add(BlobState.read(records));
        case RecordType.RUNS -> {
          whole = true;
          ByteBuffer body = records.body();
          while (body.hasRemaining()) {
            runs.add(MemoryRange.read(body));
          }
        }
        default ->
            throw new ProtocolException("a record of type " + records.type() + " is not expected");
      }
    }
    return new SnapshotState(blobs, runs, whole);
  }
}
