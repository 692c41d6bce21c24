// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The memory of a real process goes through an image and back. */
class ChannelMemoryTest {

  private static final String CLOCK_NANOSLEEP = "230 ";

  @TempDir Path epoch;

  @Test
  void aProcessIsReadAndWritten() throws Exception {
    Process process = new ProcessBuilder("sleep", "1000").start();
    try {
      MemoryRun heap = awaitHeap(process.pid());
      Path file = Path.of("/proc/%d/mem".formatted(process.pid()));
      try (FramePool pool = new FramePool(2);
          ChannelMemory memory =
              ChannelMemory.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        byte[] before = read(memory, heap);
        ImageContent content =
            new ImageContent(
                "node1",
                (int) process.pid(),
                Samples.TIME,
                Map.of(),
                List.of(),
                List.of(heap),
                List.of());
        ImageRecord image = new ImageWriter(pool, 1).write(epoch, content, memory, bytes -> {});
        memory.write(ByteBuffer.allocate(before.length), heap.start());
        assertThat(read(memory, heap)).containsOnly(0);

        try (ImageReader reader = ImageReader.open(epoch, image, pool)) {
          reader.readMemory(memory, bytes -> {});
        }

        assertThat(before).isNotEqualTo(new byte[before.length]);
        assertThat(read(memory, heap)).isEqualTo(before);
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static byte[] read(ChannelMemory memory, MemoryRun run) throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate((int) run.length());
    while (bytes.hasRemaining()) {
      assertThat(memory.read(bytes, run.start() + bytes.position())).isPositive();
    }
    return bytes.array();
  }

  /** Waits until the process sleeps, so that its memory does not change any more. */
  private static MemoryRun awaitHeap(long pid) throws Exception {
    Path process = Path.of("/proc/" + pid);
    while (!Files.readString(process.resolve("syscall")).startsWith(CLOCK_NANOSLEEP)) {
      Thread.onSpinWait();
    }
    String heap =
        Files.readAllLines(process.resolve("maps")).stream()
            .filter(line -> line.endsWith("[heap]"))
            .findFirst()
            .orElseThrow();
    String[] range = heap.split("[- ]", 3);
    return new MemoryRun(Long.parseLong(range[0], 16), Long.parseLong(range[1], 16));
  }
}
