// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.holdfast.protocol.DescriptorState;

/** What {@code /proc} tells of a process that runs: a first look, before it is stopped. */
final class LiveProcess {

  private static final String ATTRIBUTES = "unix:mode,dev,ino,rdev,size,nlink";

  private final Path folder;

  LiveProcess(Path folder) {
    this.folder = folder;
  }

  /** Its descriptors; those that are closed meanwhile are left out. */
  List<DescriptorState> descriptors() {
    List<DescriptorState> descriptors = new ArrayList<>();
    try (Stream<Path> links = Files.list(folder.resolve("fd"))) {
      links.forEach(link -> descriptor(link).ifPresent(descriptors::add));
    } catch (IOException | UncheckedIOException e) {
      // It has ended.
    }
    return descriptors;
  }

  /** About how much of its memory an image holds, bytes. */
  long residentBytes() {
    try {
      return Files.readAllLines(folder.resolve("smaps_rollup")).stream()
          .filter(line -> line.startsWith("Anonymous:") || line.startsWith("Pss_Shmem:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
          .sum();
    } catch (IOException e) {
      return 0;
    }
  }

  private Optional<DescriptorState> descriptor(Path link) {
    try {
      String name = link.getFileName().toString();
      String info = Files.readString(folder.resolve("fdinfo").resolve(name));
      Map<String, Object> stat = Files.readAttributes(link, ATTRIBUTES);
      return Optional.of(
          new DescriptorState(
              Integer.parseInt(name),
              0,
              field(info, "flags:", 8).intValue(),
              (Integer) Objects.requireNonNull(stat.get("mode")),
              (Long) Objects.requireNonNull(stat.get("dev")),
              (Long) Objects.requireNonNull(stat.get("ino")),
              (Long) Objects.requireNonNull(stat.get("rdev")),
              (Long) Objects.requireNonNull(stat.get("size")),
              field(info, "pos:", 10),
              (Integer) Objects.requireNonNull(stat.get("nlink")),
              Files.readSymbolicLink(link).toString(),
              info));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Long field(String info, String name, int base) {
    return info.lines()
        .filter(line -> line.startsWith(name))
        .map(line -> Long.parseLong(line.substring(name.length()).strip(), base))
        .findFirst()
        .orElse(0L);
  }
}
