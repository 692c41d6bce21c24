// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image is read with the tools that every machine has. */
class OrdinaryToolsTest {

  @TempDir Path folder;

  @Test
  void tarListsAndExtractsAnImage() throws Exception {
    assumeTrue(has("zstd") && has("tar"), "tar or zstd is not installed");
    ImageContent content = Samples.content(100);
    Samples.write(folder, content);

    List<String> listed = run("tar", "--zstd", "-tvf", "node1/100.tar.zst").lines().toList();
    run("tar", "--zstd", "-xf", "node1/100.tar.zst");

    assertThat(listed)
        .hasSize(5)
        .allMatch(line -> line.startsWith("-rw-------"))
        .anyMatch(
            line -> line.contains("3145728") && line.contains("mem/7f0000000000-7f0000300000"));
    assertThat(folder.resolve("process.json")).hasBinaryContent(Samples.STATE);
    assertHolds("pipe/7", 0x1234, 70_000);
    for (MemoryRun run : content.memory()) {
      assertHolds(run.name(), run.start(), run.length());
    }
  }

  @Test
  void zstdTestsAnImage() throws Exception {
    assumeTrue(has("zstd"), "zstd is not installed");
    ImageRecord image = Samples.write(folder, Samples.content(100));

    String tested = run("zstd", "-lv", "node1/100.tar.zst");
    run("zstd", "-q", "-t", "node1/100.tar.zst");

    assertThat(tested).contains("Zstandard Frames: " + image.frames().size());
    assertThat(tested).contains("XXH64");
  }

  @Test
  void tarUnderstandsEntriesOfAnySize() throws Exception {
    assumeTrue(has("tar"), "tar is not installed");
    long eightGiB = 8L << 30;
    Path tar = folder.resolve("large.tar");
    try (RandomAccessFile out = new RandomAccessFile(tar.toFile(), "rw")) {
      for (long length : new long[] {eightGiB - 1, eightGiB, 3L << 40}) {
        out.write(TarHeader.of("mem/" + length, length, Samples.TIME));
        out.seek(out.getFilePointer() + length + TarHeader.padding(length));
      }
      out.setLength(out.getFilePointer() + TarHeader.END_OF_ARCHIVE);
    }

    assertThat(run("tar", "-tvf", "large.tar").lines())
        .hasSize(3)
        .anyMatch(line -> line.contains(" 8589934591 ") && line.endsWith(" mem/8589934591"))
        .anyMatch(line -> line.contains(" 8589934592 ") && line.endsWith(" mem/8589934592"))
        .anyMatch(line -> line.contains(" 3298534883328 "));
  }

  private void assertHolds(String entry, long address, long length) throws IOException {
    byte[] bytes = Files.readAllBytes(folder.resolve(entry));
    assertThat(bytes).hasSize((int) length);
    for (int i = 0; i < length; i++) {
      assertThat(bytes[i]).isEqualTo(PatternMemory.at(address + i));
    }
  }

  private String run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  private static boolean has(String program) {
    return List.of(System.getenv("PATH").split(":")).stream()
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
