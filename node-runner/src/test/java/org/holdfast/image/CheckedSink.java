// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** Remembers which addresses it was given, and that each byte was {@link PatternMemory}'s. */
final class CheckedSink implements MemorySink {

  private final ConcurrentSkipListMap<Long, Long> given = new ConcurrentSkipListMap<>();

  @Override
  public void write(ByteBuffer from, long address) {
    long at = address;
    while (from.hasRemaining()) {
      byte expected = PatternMemory.at(at);
      if (from.get() != expected) {
        throw new AssertionError("wrong byte at 0x" + Long.toHexString(at));
      }
      at++;
    }
    assertThat(given.put(address, at)).as("given once").isNull();
  }

  /** Whether it was given {@code start} to {@code end}, each byte once. */
  void assertHas(long start, long end) {
    long at = start;
    for (Map.Entry<Long, Long> part : given.subMap(start, end).entrySet()) {
      assertThat(part.getKey()).isEqualTo(at);
      at = part.getValue();
    }
    assertThat(at).isEqualTo(end);
  }

  long size() {
    return given.entrySet().stream().mapToLong(part -> part.getValue() - part.getKey()).sum();
  }
}
