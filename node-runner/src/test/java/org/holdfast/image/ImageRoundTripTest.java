// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageRoundTripTest {

  @TempDir Path epoch;
  private final FramePool pool = new FramePool(2);

  @AfterEach
  void closePool() {
    pool.close();
  }

  @Test
  void givesBackWhatWasWritten() throws Exception {
    ImageContent content = Samples.content(100);
    AtomicLong written = new AtomicLong();
    ImageRecord image =
        new ImageWriter(pool, 1).write(epoch, content, new PatternMemory(), written::addAndGet);

    assertThat(written).hasValue(image.rawBytes());
    assertThat(Files.size(epoch.resolve("node1/100.tar.zst"))).isEqualTo(image.storedBytes());
    assertThat(image.frames()).hasSizeGreaterThan(3);
    assertThat(image.objects()).isEqualTo(content.objects());
    AtomicLong read = new AtomicLong();
    try (ImageReader reader = ImageReader.open(epoch, image, pool)) {
      assertThat(reader.bytes("process.json")).isEqualTo(Samples.STATE);
      byte[] blob = reader.bytes("pipe/7");
      assertThat(blob).hasSize(70_000);
      for (int i = 0; i < blob.length; i++) {
        assertThat(blob[i]).isEqualTo(PatternMemory.at(0x1234 + i));
      }
      CheckedSink sink = new CheckedSink();
      reader.readMemory(sink, read::addAndGet);
      for (MemoryRun run : content.memory()) {
        sink.assertHas(run.start(), run.end());
      }
      assertThat(read).hasValue(sink.size());
    }
  }

  @Test
  void anyPartIsReadAlone() throws Exception {
    ImageRecord image = Samples.write(epoch, Samples.content(100));
    long start = 0x7f0000000000L + 1_500_000;
    long end = start + 1_000_000;

    CheckedSink sink = new CheckedSink();
    try (ImageReader reader = ImageReader.open(epoch, image, pool)) {
      reader.readMemory(start, end, sink, bytes -> {});
      reader.readMemory(0x1000, 0x2000, sink, bytes -> {});
    }

    sink.assertHas(start, end);
    assertThat(sink.size()).isEqualTo(1_000_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 511, 512, 513, FramePool.FRAME_BYTES, 3 * FramePool.FRAME_BYTES + 5})
  void entriesOfAnySize(int size) throws Exception {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = PatternMemory.at(i);
    }
    ImageContent content =
        new ImageContent(
            "node1", 5, Samples.TIME, Map.of("x.json", bytes), List.of(), List.of(), List.of());

    ImageRecord image = Samples.write(epoch, content);

    try (ImageReader reader = ImageReader.open(epoch, image, pool)) {
      assertThat(reader.bytes("x.json")).isEqualTo(bytes);
      reader.readMemory(new CheckedSink(), read -> {});
    }
    assertThat(ImageReader.verify(epoch, image, pool).good()).isTrue();
  }

  @Test
  void manyScatteredPages() throws Exception {
    List<MemoryRun> runs = new ArrayList<>();
    for (long page = 0; page < 5000; page++) {
      long start = 0x10000000L + page * page * 0x10000;
      runs.add(new MemoryRun(start, start + 4096));
    }
    ImageContent content =
        new ImageContent("node1", 5, Samples.TIME, Map.of(), List.of(), runs, List.of());

    ImageRecord image = Samples.write(epoch, content);

    CheckedSink sink = new CheckedSink();
    try (ImageReader reader = ImageReader.open(epoch, image, pool)) {
      reader.readMemory(sink, read -> {});
    }
    assertThat(sink.size()).isEqualTo(5000 * 4096);
    runs.forEach(run -> sink.assertHas(run.start(), run.end()));
  }

  @Test
  void theSameContentGivesTheSameFile() throws Exception {
    ImageRecord once = Samples.write(epoch.resolve("1"), Samples.content(100));
    ImageRecord again = Samples.write(epoch.resolve("2"), Samples.content(100));

    assertThat(again).isEqualTo(once);
    assertThat(epoch.resolve("1/node1/100.tar.zst"))
        .hasSameBinaryContentAs(epoch.resolve("2/node1/100.tar.zst"));
  }

  @Test
  void imagesAreWrittenAtTheSameTime() throws Exception {
    ImageWriter writer = new ImageWriter(pool, 1);
    ExecutorService callers = Executors.newFixedThreadPool(6);
    try {
      List<Future<ImageRecord>> images = new ArrayList<>();
      for (int pid = 1; pid <= 12; pid++) {
        ImageContent content = Samples.content(pid);
        images.add(
            callers.submit(() -> writer.write(epoch, content, new PatternMemory(), bytes -> {})));
      }
      for (Future<ImageRecord> image : images) {
        assertThat(ImageReader.verify(epoch, image.get(), pool).good()).isTrue();
      }
    } finally {
      callers.shutdownNow();
    }
  }

  @Test
  void onlyTheOwnerMayReadIt() throws Exception {
    Samples.write(epoch, Samples.content(100));

    assertThat(mode("node1")).isEqualTo("rwx------");
    assertThat(mode("node1/100.tar.zst")).isEqualTo("rw-------");
  }

  private String mode(String file) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(epoch.resolve(file)));
  }
}
