// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.SocketState;

/** Descriptors as the interceptor describes them. */
public final class Descriptors {

  private static final int REGULAR = 0100644;

  private Descriptors() {}

  /** A regular file. */
  public static DescriptorState file(int fd, int flags, long pos, long size, String path) {
    int links = path.endsWith(" (deleted)") ? 0 : 1;
    return new DescriptorState(
        fd, 0, flags, REGULAR, 0x801, 500, 0, size, pos, links, path, info(""));
  }

  /** One end of a pipe. */
  public static DescriptorState pipe(int fd, int flags, long inode) {
    return new DescriptorState(
        fd, 0, flags, 0010600, 13, inode, 0, 0, -1, 65536, "pipe:[" + inode + "]", info(""));
  }

  /** A socket. */
  public static DescriptorState socket(int fd, SocketState state) {
    return new DescriptorState(
        fd,
        0,
        2,
        0140777,
        9,
        state.inode(),
        0,
        0,
        -1,
        1,
        "socket:[" + state.inode() + "]",
        info(""),
        0,
        0,
        Optional.of(state),
        Optional.empty());
  }

  /** Something with this mode and link. */
  public static DescriptorState other(int fd, int mode, long rdev, String link, String info) {
    return new DescriptorState(fd, 0, 2, mode, 14, 1, rdev, 0, -1, 1, link, info(info));
  }

  private static String info(String more) {
    return "pos:\t0\nflags:\t0100000\nmnt_id:\t1\nino:\t1\n" + more;
  }
}
