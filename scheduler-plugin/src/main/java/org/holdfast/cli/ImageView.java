// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.holdfast.image.FramePool;
import org.holdfast.image.ImageReader;
import org.holdfast.image.ImageRecord;
import org.holdfast.image.MemoryEntry;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One process's image as a user sees it; the four JSON entries are as they are in the image.
 *
 * @param host where it ran
 * @param pid its number as the job sees it
 * @param rawBytes size before compression
 * @param storedBytes size in the store
 * @param process {@code process.json}
 * @param threads {@code threads.json}
 * @param descriptors {@code descriptors.json}
 * @param maps {@code maps.json}
 * @param memory the memory that is stored
 */
record ImageView(
    String host,
    int pid,
    long rawBytes,
    long storedBytes,
    JsonNode process,
    JsonNode threads,
    JsonNode descriptors,
    JsonNode maps,
    List<MemoryEntry> memory) {

  /** Reads it out of an epoch's folder. */
  static ImageView read(Path epoch, ImageRecord image, FramePool pool) throws IOException {
    JsonMapper json = new JsonMapper();
    try (ImageReader reader = ImageReader.open(epoch, image, pool)) {
      return new ImageView(
          image.host(),
          image.pid(),
          image.rawBytes(),
          image.storedBytes(),
          json.readTree(reader.bytes("process.json")),
          json.readTree(reader.bytes("threads.json")),
          json.readTree(reader.bytes("descriptors.json")),
          json.readTree(reader.bytes("maps.json")),
          image.memory());
    }
  }

  /** Prints it for people. */
  void print(PrintStream out) {
    JsonNode state = process.path("process");
    out.println();
    out.println(
        "process %d on %s: %s, image %s (%s stored)"
            .formatted(
                pid,
                host,
                state.path("exe").asString("?"),
                Text.bytes(rawBytes),
                Text.bytes(storedBytes)));
    out.println();
    Text.table(out, List.of("TID", "NAME", "SYSCALL", "PC", "SP"), threadRows());
    out.println();
    Text.table(out, List.of("FD", "KIND", "SHARED", "DETAILS"), descriptorRows());
    out.println();
    Text.table(out, List.of("AREA", "PERM", "KIND", "SIZE", "STORED", "PATH"), mapRows());
  }

  private List<List<String>> threadRows() {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode thread : threads) {
      int call = thread.path("syscall").asInt(-1);
      rows.add(
          List.of(
              thread.path("tid").asString(""),
              thread.path("name").asString(""),
              call < 0 ? "-" : Integer.toString(call),
              Long.toHexString(thread.path("pc").asLong(0)),
              Long.toHexString(thread.path("sp").asLong(0))));
    }
    return rows;
  }

  private List<List<String>> descriptorRows() {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode descriptor : descriptors) {
      JsonNode description = descriptor.path("description");
      String details =
          description.properties().stream()
              .filter(field -> !field.getKey().equals("kind"))
              .map(field -> field.getKey() + "=" + plain(field.getValue()))
              .collect(Collectors.joining(" "));
      rows.add(
          List.of(
              descriptor.path("fd").asString(""),
              description.path("kind").asString(""),
              descriptor.path("shared").asString(""),
              details));
    }
    return rows;
  }

  private List<List<String>> mapRows() {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode area : maps) {
      String range = area.path("range").asString("0-0");
      long start = Long.parseUnsignedLong(range.substring(0, range.indexOf('-')), 16);
      long end = Long.parseUnsignedLong(range.substring(range.indexOf('-') + 1), 16);
      rows.add(
          List.of(
              range,
              area.path("permissions").asString(""),
              area.path("kind").asString(""),
              Text.bytes(end - start),
              Text.bytes(stored(start, end)),
              area.path("path").asString("")));
    }
    return rows;
  }

  private long stored(long start, long end) {
    return memory.stream()
        .filter(entry -> entry.start() < end && entry.end() > start)
        .mapToLong(entry -> Math.min(entry.end(), end) - Math.max(entry.start(), start))
        .sum();
  }

  private static String plain(JsonNode value) {
    return value.isValueNode() ? value.asString("") : value.toString();
  }
}
