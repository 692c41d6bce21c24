// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.holdfast.protocol.Advice;
import org.holdfast.protocol.AdvisedState;
import org.holdfast.protocol.MemoryRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AreaReaderTest {

  @TempDir Path folder;

  private static List<Area> read(String maps) throws Refusal {
    return read(maps, "rd wr mr mw");
  }

  private static List<Area> read(String maps, String flags) throws Refusal {
    List<MapsLine> lines = MapsReader.all(maps);
    Stream<String> smaps =
        maps.lines().flatMap(line -> Stream.of(line, "Size: 4 kB", "VmFlags: " + flags));
    return new AreaReader(Map.of()).read(lines, AreaFlags.parse(smaps), List.of());
  }

  private static Area.Kind kind(String rest) throws Refusal {
    return read("1000-2000 " + rest).get(0).kind();
  }

  @Test
  void knowsAnonymousMemory() throws Exception {
    assertThat(kind("rw-p 00000000 00:00 0")).isEqualTo(Area.Kind.ANONYMOUS);
    assertThat(kind("rw-p 00000000 00:00 0 [heap]")).isEqualTo(Area.Kind.ANONYMOUS);
    assertThat(kind("rw-p 00000000 00:00 0 [anon:malloc]")).isEqualTo(Area.Kind.ANONYMOUS);
    assertThat(kind("rw-p 00000000 00:05 7 /dev/zero")).isEqualTo(Area.Kind.ANONYMOUS);
    assertThat(read("1000-2000 rw-p 00000000 00:00 0 [stack]", "rd wr gd").get(0).kind())
        .isEqualTo(Area.Kind.STACK);
  }

  @Test
  void knowsTheKernelsAreas() throws Exception {
    assertThat(kind("r-xp 00000000 00:00 0 [vdso]")).isEqualTo(Area.Kind.VDSO);
    assertThat(read("1000-2000 r--p 00000000 00:00 0 [vvar]", "io pf").get(0).kind())
        .isEqualTo(Area.Kind.VVAR);
    assertThat(kind("r--p 00000000 00:00 0 [vvar_vclock]")).isEqualTo(Area.Kind.VVAR);
    assertThat(read("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]"))
        .isEmpty();
  }

  @Test
  void leavesOutHoldfastsRangeButTheEngine() throws Exception {
    assertThat(
            read(
                """
                300000000000-300000001000 rw-p 00000000 00:00 0
                300040000000-300050000000 rw-p 00000000 00:00 0
                300060000000-300060001000 rw-p 00000000 00:00 0
                """))
        .extracting(area -> area.range().start())
        .containsExactly(0x300040000000L);
  }

  @Test
  void mapsAFileAgainThatStillHasItsName() throws Exception {
    Path file = Files.writeString(folder.resolve("library.so"), "content");
    long inode = (Long) Files.getAttribute(file, "unix:ino");
    Area area = read("1000-2000 r--p 00000000 08:01 " + inode + " " + file).get(0);
    assertThat(area.kind()).isEqualTo(Area.Kind.FILE);
    assertThat(area.stamp().orElseThrow().size()).isEqualTo(7);
  }

  @Test
  void copiesAFileThatWasReplacedOrDeleted() throws Exception {
    Path file = Files.writeString(folder.resolve("library.so"), "content");
    assertThat(kind("r--p 00000000 08:01 1 " + file)).isEqualTo(Area.Kind.COPY);
    assertThat(kind("r--p 00000000 08:01 1 /lib/gone.so (deleted)")).isEqualTo(Area.Kind.COPY);
    assertThat(kind("rw-p 00000000 00:01 1 /memfd:jit (deleted)")).isEqualTo(Area.Kind.COPY);
  }

  @Test
  void knowsSharedMemory() throws Exception {
    assertThat(kind("rw-s 00000000 00:01 5 /dev/zero (deleted)"))
        .isEqualTo(Area.Kind.SHARED_OBJECT);
    assertThat(kind("rw-s 00000000 00:01 5 /memfd:x (deleted)")).isEqualTo(Area.Kind.SHARED_OBJECT);
    assertThat(kind("rw-s 00000000 00:01 5 /SYSV00000001 (deleted)"))
        .isEqualTo(Area.Kind.SHARED_OBJECT);
    Path file = Files.writeString(folder.resolve("data"), "content");
    long inode = (Long) Files.getAttribute(file, "unix:ino");
    Area written = read("1000-2000 rw-s 00000000 08:01 " + inode + " " + file).get(0);
    assertThat(written.kind()).isEqualTo(Area.Kind.SHARED_FILE);
    assertThat(written.isWrittenBack()).isTrue();
    assertThat(read("1000-2000 r--s 00000000 08:01 " + inode + " " + file).get(0).isWrittenBack())
        .isFalse();
    assertThat(kind("r--s 00000000 08:01 1 /var/cache/nscd/passwd")).isEqualTo(Area.Kind.COPY);
    assertThat(kind("rw-s 00000000 08:01 1 /tmp/hsperfdata_me/17")).isEqualTo(Area.Kind.COPY);
  }

  @Test
  void tellsAdviceOfTheSnapshotAndOfTheProcess() throws Exception {
    String maps = "1000-2000 rw-p 00000000 00:00 0";
    AreaFlags flags = AreaFlags.parse(Stream.of(maps, "VmFlags: rd wr hg"));
    AdvisedState locked = new AdvisedState(new MemoryRange(0x1000, 0x2000), List.of(Advice.LOCKED));
    AdvisedState other =
        new AdvisedState(new MemoryRange(0x2000, 0x3000), List.of(Advice.DONTFORK));
    assertThat(
            new AreaReader(Map.of())
                .read(MapsReader.all(maps), flags, List.of(locked, other))
                .get(0)
                .advice())
        .containsExactly(Advice.LOCKED, Advice.HUGEPAGE);
  }

  @Test
  void tellsWhatIsInTheSwapArea() {
    AreaFlags flags =
        AreaFlags.parse(
            Stream.of(
                "1000-2000 rw-s 0 00:01 5 /dev/zero (deleted)",
                "Swap:                  0 kB",
                "2000-3000 rw-s 0 00:01 6 /dev/zero (deleted)",
                "Swap:                  4 kB"));
    assertThat(flags.isSwapped(new MemoryRange(0x1000, 0x2000))).isFalse();
    assertThat(flags.isSwapped(new MemoryRange(0x1000, 0x3000))).isTrue();
  }

  @Test
  void refusesByName() {
    refused(
        "rw-s 00000000 00:05 9 /dev/dri/card0",
        "rd",
        "memory 1000-2000 is a mapping of the device /dev/dri/card0");
    refused("rw-s 00000000 00:0e 9 anon_inode:[io_uring]", "rd", "anon_inode:[io_uring]");
    refused("rw-p 00000000 00:00 0", "rd wf", "MADV_WIPEONFORK");
    refused("rw-p 00000000 00:00 0", "rd ht", "huge pages");
    refused("rw-p 00000000 00:00 0", "rd io", "a device");
    refused("rw-s 00000000 00:0f 5 /anon_hugepage (deleted)", "rd", "huge pages");
  }

  @Test
  void refusesWhatTheSnapshotLacks() {
    List<MapsLine> lines = MapsReader.all("1000-3000 rw-p 00000000 00:00 0");
    AreaFlags half = AreaFlags.parse(Stream.of("1000-2000 rw-p 0 00:00 0", "VmFlags: rd wr"));
    assertThatThrownBy(() -> new AreaReader(Map.of()).read(lines, half, List.of()))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("MADV_DONTFORK");
    AreaFlags split =
        AreaFlags.parse(
            Stream.of(
                "1000-2000 rw-p 0 00:00 0",
                "Anonymous: 4 kB",
                "VmFlags: rd",
                "2000-3000 rw-p 0 00:00 0",
                "VmFlags: rd"));
    assertThat(split.covers(lines.get(0).range())).isTrue();
  }

  private static void refused(String rest, String flags, String reason) {
    assertThatThrownBy(() -> read("1000-2000 " + rest, flags))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining(reason);
  }
}
