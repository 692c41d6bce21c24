// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.driver;

import java.nio.ByteBuffer;

/**
 * {@code struct holdfast_member}.
 *
 * @param pid its number as the runner sees it
 * @param ownPid its number as it sees itself
 * @param dead whether it is gone, or runs another program
 * @param stopped how many of its threads the driver has stopped
 */
record DriverMember(int pid, int ownPid, boolean dead, int stopped) {

  static final int SIZE = 16;
  private static final int DEAD = 2;

  static DriverMember read(ByteBuffer from) {
    return new DriverMember(
        from.getInt(), from.getInt(), (from.getInt() & DEAD) != 0, from.getInt());
  }
}
