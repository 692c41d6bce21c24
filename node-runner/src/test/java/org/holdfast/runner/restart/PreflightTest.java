// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.image.FramePool;
import org.holdfast.image.ObjectStore;
import org.holdfast.runner.state.Area;
import org.holdfast.runner.state.FileId;
import org.holdfast.runner.state.FileStamp;
import org.holdfast.runner.state.NamedFile;
import org.holdfast.runner.state.OpenDescriptor;
import org.holdfast.runner.state.Refusal;
import org.holdfast.runner.state.States;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreflightTest {

  private static final int USER = 0;

  @TempDir Path folder;

  private final FramePool pool = new FramePool(1);

  @AfterEach
  void close() {
    pool.close();
  }

  private Preflight preflight(List<OpenDescriptor> descriptors, List<Area> areas) throws Exception {
    List<ProcessImage> images =
        Images.of(
            folder.resolve("epoch"),
            pool,
            Map.of(),
            States.content(100, 1, 100, 100, descriptors, areas));
    WrittenFiles written = new WrittenFiles(images);
    return new Preflight(
        images,
        new KeptFiles(images),
        new MappedFiles(images, written, new ObjectStore(folder.resolve("objects"))),
        written);
  }

  private Preflight mapping(Path file, FileStamp stamp) throws Exception {
    return preflight(List.of(), List.of(States.mapping(file, Optional.of(stamp))));
  }

  @Test
  void passesWhenAllIsThere() throws Exception {
    Path library = Files.writeString(folder.resolve("a.so"), "library");
    Preflight preflight = mapping(library, FileStamp.of(library).orElseThrow());
    assertThatCode(() -> preflight.check(USER)).doesNotThrowAnyException();
  }

  @Test
  void refusesAnotherVersionOfAMappedFile() throws Exception {
    Path library = Files.writeString(folder.resolve("a.so"), "library");
    Preflight preflight = mapping(library, FileStamp.of(library).orElseThrow());
    Files.setLastModifiedTime(library, FileTime.fromMillis(0));
    assertThatThrownBy(() -> preflight.check(USER))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining(library + ", which process 100 had mapped, is not the file");
  }

  @Test
  void refusesAMissingFile() throws Exception {
    NamedFile missing =
        new NamedFile(0, 0, folder.resolve("none").toString(), false, 0, new FileId(8, 9), 0644);
    Preflight preflight = preflight(List.of(new OpenDescriptor(3, 0, 1, missing)), List.of());
    assertThatThrownBy(() -> preflight.check(USER))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("/none, which process 100 needs, does not exist");
  }

  @Test
  void refusesAMissingFileThatWasMappedInPart() throws Exception {
    Path file = folder.resolve("table");
    FileStamp stamp = new FileStamp(2, 0x1001, 5, 0600, Optional.empty());
    Preflight part = preflight(List.of(), List.of(States.written(file, stamp)));
    assertThatThrownBy(() -> part.check(USER))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("/table, which process 100 needs, does not exist");
  }

  @Test
  void passesWhenAMissingFileIsInTheImages() throws Exception {
    FileStamp stamp = new FileStamp(2, 0x1000, 5, 0600, Optional.empty());
    Preflight whole = preflight(List.of(), List.of(States.written(folder.resolve("table"), stamp)));
    assertThatCode(() -> whole.check(USER)).doesNotThrowAnyException();
  }

  @Test
  void refusesAnotherUser() throws Exception {
    Preflight preflight = preflight(List.of(), List.of());
    assertThatThrownBy(() -> preflight.check(1234))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("ran as user 0");
  }
}
