// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/** Something that a snapshot copies, because its memory alone does not hold it. */
public sealed interface CaptureItem {

  /**
   * A shared area.
   *
   * @param range where it is
   * @param whole whether its pages that are not in memory hold something, too
   */
  record CopyArea(MemoryRange range, boolean whole) implements CaptureItem {

    private static final int SIZE = 24;
  }

  /**
   * A pipe's content, without consuming it.
   *
   * @param fd a descriptor of the pipe
   */
  record Tee(int fd) implements CaptureItem {}

  /**
   * A file's content.
   *
   * @param fd a descriptor of the file
   * @param length how much of it, bytes
   */
  record CopyFile(int fd, long length) implements CaptureItem {}

  /**
   * A file's content, if it can be read.
   *
   * @param fd a descriptor of the file
   * @param length how much of it, bytes
   */
  record KeepFile(int fd, long length) implements CaptureItem {}

  /**
   * A socket's receive queue, without taking from it.
   *
   * @param fd a descriptor of the socket
   */
  record CopyQueue(int fd) implements CaptureItem {}

  /**
   * The messages of a POSIX message queue.
   *
   * @param fd a descriptor of the queue
   */
  record CopyMessageQueue(int fd) implements CaptureItem {}

  /**
   * The messages of a POSIX message queue that no process has open.
   *
   * @param number any
   * @param name its name, without {@code /}
   */
  record CopyNamedQueue(int number, String name) implements CaptureItem {}

  /**
   * A System V object.
   *
   * @param object which
   * @param withContent of a segment: its memory too
   */
  record CopyIpc(IpcObject object, boolean withContent) implements CaptureItem {}

  /**
   * What is undone in a set of semaphores when the process ends.
   *
   * @param set its id
   */
  record Undo(int set) implements CaptureItem {}

  /** Names the blob that comes of it. */
  default BlobState.Key key() {
    if (this instanceof Tee tee) {
      return new BlobState.Key(RecordType.TEE, tee.fd);
    }
    if (this instanceof CopyFile file) {
      return new BlobState.Key(RecordType.COPY_FILE, file.fd);
    }
    if (this instanceof KeepFile file) {
      return new BlobState.Key(RecordType.KEEP_FILE, file.fd);
    }
    if (this instanceof CopyQueue queue) {
      return new BlobState.Key(RecordType.QUEUE, queue.fd);
    }
    if (this instanceof CopyMessageQueue queue) {
      return new BlobState.Key(RecordType.MQUEUE, queue.fd);
    }
    if (this instanceof CopyNamedQueue queue) {
      return new BlobState.Key(RecordType.NAMED_MQUEUE, queue.number);
    }
    if (this instanceof CopyIpc ipc) {
      return new BlobState.Key(ipc.object.kind().request(), ipc.object.id());
    }
    if (this instanceof Undo undo) {
      return new BlobState.Key(RecordType.UNDO, undo.set);
    }
    return new BlobState.Key(RecordType.COPY_AREA, 0);
  }

  /** The message that asks a process for a snapshot with these. */
  static Message message(int epoch, List<CaptureItem> items) {
    RecordWriter records = new RecordWriter();
    for (CaptureItem item : items) {
      if (item instanceof CopyArea area) {
        records.add(
            RecordType.COPY_AREA,
            CopyArea.SIZE,
            to ->
                to.putLong(area.range.start())
                    .putLong(area.range.end())
                    .putLong(area.whole ? 1 : 0));
      } else {
        blob(records, item);
      }
    }
    return records.message(MessageType.CAPTURE, epoch);
  }

  /** The record's {@code length}. */
  private long length() {
    if (this instanceof CopyFile file) {
      return file.length;
    }
    if (this instanceof KeepFile file) {
      return file.length;
    }
    return this instanceof CopyIpc ipc && ipc.withContent ? 1 : 0;
  }

  private static void blob(RecordWriter records, CaptureItem item) {
    BlobState.Key key = item.key();
    Consumer<ByteBuffer> body =
        to -> to.putInt(key.number()).putInt(key.kind()).putLong(0).putLong(item.length());
    if (item instanceof CopyNamedQueue queue) {
      records.add(key.kind(), 24, body, queue.name);
    } else {
      records.add(key.kind(), 24, body);
    }
  }
}
