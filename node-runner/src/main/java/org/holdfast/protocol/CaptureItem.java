// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.util.List;

/** Something that a snapshot copies, because its memory alone does not hold it. */
public sealed interface CaptureItem {

  /**
   * A shared area.
   *
   * @param range where it is
   */
  record CopyArea(MemoryRange range) implements CaptureItem {}

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

  /** The message that asks a process for a snapshot with these. */
  static Message message(int epoch, List<CaptureItem> items) {
    RecordWriter records = new RecordWriter();
    for (CaptureItem item : items) {
      if (item instanceof CopyArea area) {
        records.add(
            RecordType.COPY_AREA,
            MemoryRange.SIZE,
            to -> to.putLong(area.range.start()).putLong(area.range.end()));
      } else if (item instanceof Tee tee) {
        blob(records, RecordType.TEE, tee.fd, 0);
      } else if (item instanceof CopyFile file) {
        blob(records, RecordType.COPY_FILE, file.fd, file.length);
      }
    }
    return records.message(MessageType.CAPTURE, epoch);
  }

  private static void blob(RecordWriter records, int kind, int fd, long length) {
    records.add(kind, 24, to -> to.putInt(fd).putInt(kind).putLong(0).putLong(length));
  }
}
