// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildIdTest {

  @TempDir Path folder;

  /** An ELF header with one program header, of a note that holds a build-id of four bytes. */
  private static ByteBuffer elf(int noteType) {
    ByteBuffer elf = ByteBuffer.allocate(64 + 56 + 20).order(ByteOrder.LITTLE_ENDIAN);
    elf.putInt(0, 0x464c457f).putLong(32, 64).putShort(56, (short) 1);
    elf.putInt(64, 4).putLong(64 + 8, 120).putLong(64 + 32, 20);
    elf.putInt(120, 4).putInt(124, 4).putInt(128, noteType).putInt(132, 0x00554e47);
    return elf.putInt(136, 0xdeadbeef);
  }

  @Test
  void findsTheNote() throws Exception {
    Path file = Files.write(folder.resolve("elf"), elf(3).array());
    assertThat(BuildId.of(file)).contains("efbeadde");
  }

  @Test
  void hasNoneWithoutTheNote() throws Exception {
    assertThat(BuildId.of(Files.write(folder.resolve("other"), elf(1).array()))).isEmpty();
    assertThat(BuildId.of(Files.writeString(folder.resolve("text"), "text"))).isEmpty();
    assertThat(BuildId.of(folder.resolve("missing"))).isEmpty();
  }

  @Test
  void decidesWhetherAFileIsTheSame() {
    FileStamp built = new FileStamp(1, 10, 5, 0600, Optional.of("aa"));
    assertThat(built.sameContent(new FileStamp(2, 10, 9, 0600, Optional.of("aa")))).isTrue();
    assertThat(built.sameContent(new FileStamp(1, 10, 5, 0600, Optional.of("bb")))).isFalse();
    FileStamp plain = new FileStamp(1, 10, 5, 0600, Optional.empty());
    assertThat(plain.sameContent(new FileStamp(2, 10, 5, 0600, Optional.empty()))).isTrue();
    assertThat(plain.sameContent(new FileStamp(1, 10, 6, 0600, Optional.empty()))).isFalse();
  }
}
