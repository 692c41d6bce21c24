// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.image.FramePool;
import org.holdfast.image.ObjectRecord;
import org.holdfast.image.ObjectStore;
import org.holdfast.protocol.MemoryRange;
import org.holdfast.runner.state.Area;
import org.holdfast.runner.state.FileId;
import org.holdfast.runner.state.FileStamp;
import org.holdfast.runner.state.Refusal;
import org.holdfast.runner.state.States;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MappedFilesTest {

  @TempDir Path folder;

  private final FramePool pool = new FramePool(1);
  private ObjectStore objects;

  @BeforeEach
  void open() {
    objects = new ObjectStore(folder.resolve("objects"));
  }

  @AfterEach
  void close() {
    pool.close();
  }

  private static Area mapping(Path file) {
    return new Area(
        new MemoryRange(0x1000, 0x2000),
        "r-xp",
        Area.Kind.FILE,
        0,
        file.toString(),
        new FileId(1, 2),
        List.of(),
        FileStamp.of(file));
  }

  private MappedFiles with(Path file, Area area) throws Exception {
    List<ObjectRecord> records = List.of(new ObjectRecord(file.toString(), objects.put(file)));
    return new MappedFiles(
        Images.of(
            folder.resolve("epoch"),
            pool,
            Map.of(),
            records,
            States.content(100, 1, 100, 100, List.of(), List.of(area))),
        objects);
  }

  private Path library(String name) throws Exception {
    return Files.writeString(folder.resolve(name), "library");
  }

  @Test
  void aFileThatIsTheSameIsUsedWhereItIs() throws Exception {
    Path file = library("a.so");
    Area area = mapping(file);
    assertThat(with(file, area).place(area)).contains(file);
  }

  @Test
  void theCopyOfAFileThatIsGoneIsUsed() throws Exception {
    Path file = library("a.so");
    Area area = mapping(file);
    MappedFiles files = with(file, area);
    Files.delete(file);
    assertThat(files.place(area).map(MappedFilesTest::read)).contains("library");
  }

  @Test
  void theCopyOfAFileThatHasChangedIsUsed() throws Exception {
    Path file = library("a.so");
    Area area = mapping(file);
    MappedFiles files = with(file, area);
    Files.writeString(file, "of another version");
    assertThat(files.place(area).map(MappedFilesTest::read)).contains("library");
  }

  @Test
  void aDamagedCopyIsRefused() throws Exception {
    Path file = library("a.so");
    Area area = mapping(file);
    MappedFiles files = with(file, area);
    Files.delete(file);
    Files.writeString(objects.path(objects.put(library("same"))), "librarz");
    assertThatThrownBy(() -> files.place(area))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("a.so has changed since the checkpoint, and its copy cannot be used");
  }

  @Test
  void theInterceptorMustBeTheOneOfTheCheckpoint() throws Exception {
    Path file = library("libholdfast.so");
    Area area = mapping(file);
    MappedFiles files = with(file, area);
    Files.delete(file);
    assertThat(files.place(area)).isEqualTo(Optional.empty());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
