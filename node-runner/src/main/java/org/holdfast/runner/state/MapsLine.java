// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import org.holdfast.protocol.MemoryRange;

/**
 * A line of {@code /proc/PID/maps}.
 *
 * @param range where the area is
 * @param permissions as {@code rw-p}
 * @param offset into the file
 * @param file which file it is; both 0: none
 * @param path the file's path, a name in brackets, or empty
 */
public record MapsLine(
    MemoryRange range, String permissions, long offset, FileId file, String path) {

  /** Reads a line without its end. */
  public static MapsLine parse(String line) {
    int perms = line.indexOf(' ') + 1;
    int offset = perms + 5;
    int device = line.indexOf(' ', offset) + 1;
    int inode = line.indexOf(' ', device) + 1;
    int inodeEnd = line.indexOf(' ', inode);
    int colon = line.indexOf(':', device);
    long major = Long.parseLong(line, device, colon, 16);
    long minor = Long.parseLong(line, colon + 1, inode - 1, 16);
    int end = inodeEnd < 0 ? line.length() : inodeEnd;
    return new MapsLine(
        MemoryRange.parse(line.substring(0, perms - 1)),
        line.substring(perms, perms + 4),
        Long.parseUnsignedLong(line, offset, device - 1, 16),
        new FileId(device(major, minor), Long.parseLong(line, inode, end, 10)),
        unescape(line.substring(end).stripLeading()));
  }

  /** Whether what is written to it is written to what is mapped. */
  public boolean shared() {
    return permissions.charAt(3) == 's';
  }

  /** Whether it is an attached System V segment; the inode is its id. */
  public boolean isSegment() {
    return shared() && path.startsWith("/SYSV");
  }

  /** Whether it can be read. */
  public boolean readable() {
    return permissions.charAt(0) == 'r';
  }

  /** Whether it can be written. */
  public boolean writable() {
    return permissions.charAt(1) == 'w';
  }

  /** As {@code st_dev} has it. */
  private static long device(long major, long minor) {
    return (minor & 0xff) | (major << 8) | ((minor & ~0xffL) << 12);
  }

  /** The kernel writes line breaks in names as octal numbers. */
  private static String unescape(String path) {
    return path.replace("\\012", "\n");
  }
}
