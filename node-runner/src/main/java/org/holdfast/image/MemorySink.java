// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Memory to be filled, written by address; safe for several threads at once. */
@FunctionalInterface
public interface MemorySink {

  /** Writes all of {@code from}, beginning at {@code address}. */
  void write(ByteBuffer from, long address) throws IOException;
}
