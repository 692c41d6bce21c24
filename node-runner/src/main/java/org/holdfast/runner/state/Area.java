// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.Optional;
import org.holdfast.protocol.Advice;
import org.holdfast.protocol.MemoryRange;

/**
 * A memory area of a process, as {@code maps.json} lists it.
 *
 * @param range where it is
 * @param permissions as {@code rw-p}
 * @param kind what it is and how it is restored
 * @param offset into what is mapped
 * @param path of what is mapped, a name in brackets, or empty
 * @param file which file or shared memory object is mapped; both 0: none
 * @param advice what it is beside its protection
 * @param stamp of the file that must be there at a restart
 */
public record Area(
    MemoryRange range,
    String permissions,
    Kind kind,
    long offset,
    String path,
    FileId file,
    List<Advice> advice,
    Optional<FileStamp> stamp) {

  /** What an area is and how it is restored. */
  public enum Kind {
    /** Private memory of no file; touched pages are stored. */
    ANONYMOUS,
    /** As {@link #ANONYMOUS}, grows down. */
    STACK,
    /** A private mapping of a file; changed pages are stored. */
    FILE,
    /** Of a file that cannot be opened again, or not with this content; all pages are stored. */
    COPY,
    /** A shared mapping of a file; what can be written through it is stored, once. */
    SHARED_FILE,
    /** A shared memory object; it is stored once. */
    SHARED_OBJECT,
    /** The kernel's code in user space. */
    VDSO,
    /** The kernel's data for {@link #VDSO}. */
    VVAR
  }

  /** The same, which is this, too. */
  Area with(List<Advice> more) {
    return new Area(range, permissions, kind, offset, path, file, more, stamp);
  }

  /** Whether a restart writes the content of a mapped file, which the image then has. */
  @JsonIgnore
  public boolean isWrittenBack() {
    return kind == Kind.SHARED_FILE
        && (permissions.charAt(1) == 'w' || path.startsWith("/dev/shm/"));
  }

  /** Whether it is of a file that must be there, with the same content, at a restart. */
  @JsonIgnore
  public boolean isOnlyRead() {
    return stamp.isPresent() && !isWrittenBack();
  }

  /** Whether it is an attached System V segment; the inode of its file is the segment's id. */
  @JsonIgnore
  public boolean isSegment() {
    return kind == Kind.SHARED_OBJECT && path.startsWith("/SYSV");
  }

  /** PROT_READ | PROT_WRITE | PROT_EXEC. */
  public int protection() {
    return (permissions.charAt(0) == 'r' ? 1 : 0)
        | (permissions.charAt(1) == 'w' ? 2 : 0)
        | (permissions.charAt(2) == 'x' ? 4 : 0);
  }
}
