// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.image.FramePool;
import org.holdfast.image.ObjectRecord;
import org.holdfast.image.ObjectStore;
import org.holdfast.runner.state.Area;
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

  private record Mapped(Path file, String id, Area area, MappedFiles files) {
    Optional<Path> place() throws Refusal {
      return files.place(area);
    }
  }

  /** A process has mapped a new file of this name, whose copy is kept. */
  private Mapped map(String name) throws Exception {
    Path file = Files.writeString(folder.resolve(name), "library");
    Area area = States.mapping(file, FileStamp.of(file));
    String id = objects.put(file);
    List<ProcessImage> images =
        Images.of(
            folder.resolve("epoch"),
            pool,
            Map.of(),
            List.of(new ObjectRecord(file.toString(), id)),
            States.content(100, 1, 100, 100, List.of(), List.of(area)));
    return new Mapped(file, id, area, new MappedFiles(images, new WrittenFiles(images), objects));
  }

  @Test
  void aFileThatIsTheSameIsUsedWhereItIs() throws Exception {
    Mapped mapped = map("a.so");
    assertThat(mapped.place()).contains(mapped.file());
  }

  @Test
  void theCopyOfAFileThatIsGoneIsUsed() throws Exception {
    Mapped mapped = map("a.so");
    Files.delete(mapped.file());
    assertThat(mapped.place().map(MappedFilesTest::read)).contains("library");
  }

  @Test
  void theCopyOfAFileThatHasChangedIsUsed() throws Exception {
    Mapped mapped = map("a.so");
    Files.writeString(mapped.file(), "of another version");
    assertThat(mapped.place().map(MappedFilesTest::read)).contains("library");
  }

  @Test
  void aDamagedCopyIsRefused() throws Exception {
    Mapped mapped = map("a.so");
    Files.delete(mapped.file());
    Files.writeString(objects.path(mapped.id()), "librarz");
    assertThatThrownBy(() -> mapped.place())
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("a.so has changed since the checkpoint, and its copy cannot be used");
  }

  @Test
  void theInterceptorMustBeTheOneOfTheCheckpoint() throws Exception {
    Mapped mapped = map("libholdfast.so");
    Files.delete(mapped.file());
    assertThat(mapped.place()).isEqualTo(Optional.empty());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
