// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import org.holdfast.protocol.DescriptorState;

/** The file types of {@code st_mode}. */
enum FileType {
  FIFO(0010000),
  CHARACTER_DEVICE(0020000),
  DIRECTORY(0040000),
  BLOCK_DEVICE(0060000),
  REGULAR(0100000),
  LINK(0120000),
  SOCKET(0140000);

  private static final int MASK = 0170000;

  private final int bits;

  FileType(int bits) {
    this.bits = bits;
  }

  boolean is(DescriptorState descriptor) {
    return (descriptor.mode() & MASK) == bits;
  }
}
