// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.peer;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;

/** Tells whether a peer runs as this process's user. */
public final class SameUser {

  private final UserPrincipal user;

  /** The user of this process. */
  public SameUser() throws IOException {
    user = Files.getOwner(Path.of("/proc/self"));
  }

  /** Whether this one is the same. */
  public boolean is(SocketChannel peer) throws IOException {
    return peer.getOption(ExtendedSocketOptions.SO_PEERCRED).user().equals(user);
  }
}
