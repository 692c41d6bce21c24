// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.driver;

/** The driver's commands that the runner gives; {@code kdriver/include/uapi/holdfast.h}. */
enum Command {
  HELLO(Direction.BOTH, 0, 8),
  CREATE(Direction.READ, 1, 32),
  STOP(Direction.BOTH, 3, 40),
  MEMBERS(Direction.BOTH, 5, 16),
  MEMORY(Direction.WRITE, 18, 40);

  /** As {@code asm-generic/ioctl.h} has it. */
  private enum Direction {
    WRITE(1),
    READ(2),
    BOTH(3);

    private final int bits;

    Direction(int bits) {
      this.bits = bits;
    }
  }

  private static final int TYPE = 0xb7;

  private final int code;
  private final int size;

  Command(Direction direction, int number, int size) {
    code = direction.bits << 30 | size << 16 | TYPE << 8 | number;
    this.size = size;
  }

  /** The number, as of ioctl(2). */
  int code() {
    return code;
  }

  /** Bytes of its struct. */
  int size() {
    return size;
  }
}
