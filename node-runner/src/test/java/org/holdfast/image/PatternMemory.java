// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.nio.ByteBuffer;

/**
 * Memory whose every byte follows from its address: words of every second page are random, those of
 * the others all the same. Often gives less than was asked for.
 */
final class PatternMemory implements MemorySource {

  private static final int MOST_AT_ONCE = 100_000;

  @Override
  public int read(ByteBuffer into, long address) {
    int count = Math.min(into.remaining(), MOST_AT_ONCE);
    for (int i = 0; i < count; i++) {
      into.put(at(address + i));
    }
    return count;
  }

  static byte at(long address) {
    long page = address >>> 12;
    long seed = (page & 1) == 0 ? page : address >>> 3;
    long mixed = (seed ^ (seed >>> 31)) * 0x9e3779b97f4a7c15L;
    return (byte) ((mixed ^ (mixed >>> 29)) >>> (8 * (address & 7)));
  }
}
