// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Headers of a tar's entries: POSIX ustar, with a PAX record in front for what is too large. */
final class TarHeader {

  /** Unit of a tar, bytes. */
  static final int BLOCK = TarConstants.DEFAULT_RCDSIZE;

  /** Two empty blocks. */
  static final int END_OF_ARCHIVE = 2 * BLOCK;

  private static final int MODE = 0100600;

  private TarHeader() {}

  /** How many bytes {@link #of} gives. */
  static int size(long length) {
    return isLarge(length) ? 3 * BLOCK : BLOCK;
  }

  /** The header of a file of {@code length} bytes. */
  static byte[] of(String name, long length, Instant time) {
    byte[] header = new byte[size(length)];
    if (isLarge(length)) {
      byte[] record = sizeRecord(length);
      TarArchiveEntry pax =
          new TarArchiveEntry("pax/" + name, TarConstants.LF_PAX_EXTENDED_HEADER_LC);
      write(pax, record.length, time, header, 0);
      System.arraycopy(record, 0, header, BLOCK, record.length);
    }
    write(new TarArchiveEntry(name), length, time, header, header.length - BLOCK);
    return header;
  }

  /** How many bytes fill up the last block of a file of {@code length} bytes. */
  static int padding(long length) {
    return (int) (-length & (BLOCK - 1));
  }

  private static boolean isLarge(long length) {
    return length > TarConstants.MAXSIZE;
  }

  private static void write(
      TarArchiveEntry entry, long length, Instant time, byte[] into, int offset) {
    entry.setMode(MODE);
    entry.setSize(length);
    entry.setLastModifiedTime(FileTime.from(time));
    byte[] block = new byte[BLOCK];
    entry.writeEntryHeader(block);
    System.arraycopy(block, 0, into, offset, BLOCK);
  }

  /** A PAX record begins with its own length, which counts its own digits. */
  private static byte[] sizeRecord(long length) {
    String rest = " size=" + length + "\n";
    int total = rest.length() + 2;
    return (total + rest).getBytes(StandardCharsets.US_ASCII);
  }
}
