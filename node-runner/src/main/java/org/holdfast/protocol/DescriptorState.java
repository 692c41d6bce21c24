// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * {@code struct hf_fd} and its text.
 *
 * @param fd the descriptor's number
 * @param fdFlags FD_CLOEXEC
 * @param flags open(2) status flags and access mode
 * @param mode {@code st_mode}
 * @param dev {@code st_dev}
 * @param ino {@code st_ino}
 * @param rdev {@code st_rdev}
 * @param size {@code st_size}
 * @param pos the file position, -1: not seekable
 * @param aux of a pipe its capacity, of other files {@code st_nlink}, and above 32 bits the seals
 *     of a memfd
 * @param link what {@code /proc/self/fd} shows
 * @param info what {@code /proc/self/fdinfo} shows
 * @param keeper the thread that holds one on its way in a socket's queue, 0: it is the process's
 * @param own that thread's number for it
 * @param socket what is known of a socket
 * @param pty what is known of a terminal
 */
public record DescriptorState(
    int fd,
    int fdFlags,
    int flags,
    int mode,
    long dev,
    long ino,
    long rdev,
    long size,
    long pos,
    long aux,
    String link,
    String info,
    int keeper,
    int own,
    Optional<SocketState> socket,
    Optional<PtyState> pty) {

  /** From here on descriptors are on their way in a socket's queue. */
  public static final int HELD = 0x4000_0000;

  /** One of which nothing more is known. */
  public DescriptorState(
      int fd,
      int fdFlags,
      int flags,
      int mode,
      long dev,
      long ino,
      long rdev,
      long size,
      long pos,
      long aux,
      String link,
      String info) {
    this(
        fd,
        fdFlags,
        flags,
        mode,
        dev,
        ino,
        rdev,
        size,
        pos,
        aux,
        link,
        info,
        0,
        0,
        Optional.empty(),
        Optional.empty());
  }

  /** The same with what is known of the socket that it refers to. */
  DescriptorState with(SocketState known) {
    return with(Optional.of(known), pty);
  }

  /** The same with what is known of the terminal that it refers to. */
  DescriptorState with(PtyState known) {
    return with(socket, Optional.of(known));
  }

  private DescriptorState with(Optional<SocketState> nowSocket, Optional<PtyState> nowPty) {
    return new DescriptorState(
        fd, fdFlags, flags, mode, dev, ino, rdev, size, pos, aux, link, info, keeper, own,
        nowSocket, nowPty);
  }

  void write(RecordWriter records) {
    records.add(
        RecordType.FD,
        72,
        to ->
            to.putInt(fd)
                .putInt(fdFlags)
                .putInt(flags)
                .putInt(mode)
                .putLong(dev)
                .putLong(ino)
                .putLong(rdev)
                .putLong(size)
                .putLong(pos)
                .putLong(aux)
                .putInt(keeper)
                .putInt(own),
        link + "\0" + info);
  }

  static DescriptorState read(RecordReader record) {
    ByteBuffer body = record.body();
    int fd = body.getInt();
    int fdFlags = body.getInt();
    int flags = body.getInt();
    int mode = body.getInt();
    long dev = body.getLong();
    long ino = body.getLong();
    long rdev = body.getLong();
    long size = body.getLong();
    long pos = body.getLong();
    long aux = body.getLong();
    int keeper = body.getInt();
    int own = body.getInt();
    return new DescriptorState(
        fd,
        fdFlags,
        flags,
        mode,
        dev,
        ino,
        rdev,
        size,
        pos,
        aux,
        record.text(),
        record.text(),
        keeper,
        own,
        Optional.empty(),
        Optional.empty());
  }
}
