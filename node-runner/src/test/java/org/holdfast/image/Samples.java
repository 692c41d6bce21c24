// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Records and images to test with. */
final class Samples {

  static final Instant TIME = Instant.parse("2026-03-04T05:06:07.890Z");
  static final String OBJECT = "ab".repeat(32);
  static final byte[] STATE = "{\"threads\": 3}".getBytes(StandardCharsets.UTF_8);

  private Samples() {}

  static JobRecord job(long id) {
    return new JobRecord(
        JobRecord.SCHEMA,
        id,
        "pi",
        List.of("./pi", "--digits", "100000"),
        "/home/ann",
        Map.of("PATH", "/bin", "LANG", "C.UTF-8", "EMPTY", ""),
        0022,
        "ann",
        "node1",
        Optional.of(Duration.ofMinutes(30)),
        3,
        TIME,
        JobState.RUNNING,
        Optional.empty());
  }

  static Manifest manifest(int epoch, ImageRecord... images) {
    return manifest(epoch, 0, images);
  }

  static Manifest manifest(int epoch, int parent, ImageRecord... images) {
    List<ImageRecord> list = List.of(images);
    return new Manifest(
        Manifest.SCHEMA,
        1,
        epoch,
        TIME,
        parent,
        "0.1.0",
        List.of("node1"),
        List.of(process(100, false), process(101, true)),
        list,
        12_000_000,
        345_000_000,
        list.stream().mapToLong(ImageRecord::rawBytes).sum(),
        list.stream().mapToLong(ImageRecord::storedBytes).sum(),
        List.of());
  }

  static ProcessRecord process(int pid, boolean zombie) {
    return new ProcessRecord(
        "node1",
        pid,
        zombie ? 100 : 0,
        100,
        100,
        "pi",
        zombie ? "" : "/home/ann/pi",
        zombie ? List.of() : List.of("./pi", "--digits"),
        zombie ? 0 : 3,
        zombie,
        zombie ? 256 : 0,
        !zombie);
  }

  /** Some pages far apart, more than one frame in all. */
  static ImageContent content(int pid) {
    return new ImageContent(
        "node1",
        pid,
        TIME,
        Map.of("process.json", STATE),
        List.of(new Blob("pipe/7", 0x1234, 70_000)),
        List.of(
            new MemoryRun(0x400000, 0x402000),
            new MemoryRun(0x7f0000000000L, 0x7f0000000000L + (3 << 20)),
            new MemoryRun(0x7ffffffde000L, 0x7ffffffff000L)),
        List.of(new ObjectRecord("/usr/bin/python3", OBJECT)));
  }

  static ImageRecord write(Path epoch, ImageContent content)
      throws IOException, InterruptedException {
    try (FramePool pool = new FramePool(2)) {
      return new ImageWriter(pool, ImageWriter.DEFAULT_LEVEL)
          .write(epoch, content, new PatternMemory(), bytes -> {});
    }
  }
}
