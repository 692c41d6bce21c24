// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Memory to be stored, read by address; safe for several threads at once. */
@FunctionalInterface
public interface MemorySource {

  /**
   * Reads at least one and at most {@code into.remaining()} bytes from {@code address} on.
   *
   * @return how many; -1 when there is no memory at this address
   */
  int read(ByteBuffer into, long address) throws IOException;
}
