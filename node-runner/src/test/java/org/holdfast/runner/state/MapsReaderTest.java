// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.holdfast.protocol.MemoryRange;
import org.junit.jupiter.api.Test;

class MapsReaderTest {

  private static final String MAPS =
      """
      5560eab6e000-5560eabe8000 rw-p 00000000 00:00 0                          [heap]
      7f0000000000-7f0000001000 rw-s 00002000 00:01 1027                       /dev/zero (deleted)
      7f0000002000-7f0000003000 r-xp 0001e000 103:02 4711                      /usr/lib/with blank.so
      7f0000004000-7f0000005000 ---p 00000000 00:00 0
      ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
      """;

  @Test
  void readsEveryField() {
    List<MapsLine> lines = MapsReader.all(MAPS);
    assertThat(lines)
        .extracting(MapsLine::path)
        .containsExactly(
            "[heap]", "/dev/zero (deleted)", "/usr/lib/with blank.so", "", "[vsyscall]");
    MapsLine library = lines.get(2);
    assertThat(library.range()).isEqualTo(new MemoryRange(0x7f0000002000L, 0x7f0000003000L));
    assertThat(library.permissions()).isEqualTo("r-xp");
    assertThat(library.offset()).isEqualTo(0x1e000);
    assertThat(library.file()).isEqualTo(new FileId((0x103 << 8) | 2, 4711));
    assertThat(lines.get(4).range().start()).isEqualTo(0xffffffffff600000L);
  }

  @Test
  void deviceNumbersAreThoseOfStat() {
    MapsLine line = MapsLine.parse("1000-2000 r--p 00000000 08:101 5 /f");
    assertThat(line.file().device()).isEqualTo((0x100 << 12) | (8 << 8) | 1);
  }

  @Test
  void findsSharedLinesWithoutDecodingTheOthers() {
    List<MapsLine> shared =
        MapsReader.shared(ByteBuffer.wrap(MAPS.getBytes(StandardCharsets.UTF_8)));
    assertThat(shared).hasSize(1);
    assertThat(shared.get(0).offset()).isEqualTo(0x2000);
    assertThat(shared.get(0).path()).isEqualTo("/dev/zero (deleted)");
  }

  @Test
  void findsSharedLinesInAPartOfABuffer() {
    byte[] padded = ("xx" + MAPS + "yy").getBytes(StandardCharsets.UTF_8);
    ByteBuffer part = ByteBuffer.wrap(padded, 2, padded.length - 4).slice();
    assertThat(MapsReader.shared(part)).hasSize(1);
    assertThat(MapsReader.shared(ByteBuffer.allocate(0))).isEmpty();
  }
}
