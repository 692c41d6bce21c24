// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.holdfast.image.FramePool;
import org.holdfast.runner.state.FileId;
import org.holdfast.runner.state.FileStamp;
import org.holdfast.runner.state.NamedFile;
import org.holdfast.runner.state.OpenDescriptor;
import org.holdfast.runner.state.Refusal;
import org.holdfast.runner.state.StateFiles;
import org.holdfast.runner.state.States;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileRollbackTest {

  @TempDir Path folder;

  private final FramePool pool = new FramePool(1);

  @AfterEach
  void close() {
    pool.close();
  }

  private List<ProcessImage> images(int flags, Path file, long size) throws Exception {
    NamedFile description =
        new NamedFile(flags, 0, file.toString(), false, size, new FileId(8, 9), 0644);
    StateFiles.Content state =
        States.content(
            100, 1, 100, 100, List.of(new OpenDescriptor(1, 0, 1, description)), List.of());
    return Images.of(folder.resolve("epoch"), pool, Map.of(), state);
  }

  /** Its three bytes at the checkpoint are in the image. */
  private List<ProcessImage> keeping(int flags, Path file) throws Exception {
    NamedFile description =
        new NamedFile(flags, 0, file.toString(), false, 3, new FileId(8, 9), 0640);
    StateFiles.Content state =
        States.content(
            100, 1, 100, 100, List.of(new OpenDescriptor(1, 0, 1, description)), List.of());
    return Images.of(
        folder.resolve("epoch"), pool, Map.of(100, List.of(description.entry())), state);
  }

  private static FileRollback rollback(List<ProcessImage> images) {
    return new FileRollback(images, new KeptFiles(images), new WrittenFiles(images));
  }

  private List<Path> tails() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().contains(".holdfast-cut-4-")).toList();
    }
  }

  @Test
  void cutsWhatWasWrittenAfterTheCheckpointAndKeepsIt() throws Exception {
    Path file = Files.writeString(folder.resolve("out"), "before|after");
    FileRollback rollback = rollback(images(1, file, 7));
    rollback.check();
    rollback.roll(4);
    assertThat(file).hasContent("before|");
    assertThat(tails()).singleElement().satisfies(tail -> assertThat(tail).hasContent("after"));
  }

  @Test
  void leavesAFileThatDidNotGrow() throws Exception {
    Path file = Files.writeString(folder.resolve("out"), "before|");
    rollback(images(1, file, 7)).roll(4);
    assertThat(file).hasContent("before|");
    assertThat(tails()).isEmpty();
  }

  @Test
  void leavesAFileThatWasOnlyRead() throws Exception {
    Path file = Files.writeString(folder.resolve("in"), "before|after");
    FileRollback rollback = rollback(images(0, file, 7));
    rollback.check();
    rollback.roll(4);
    assertThat(file).hasContent("before|after");
  }

  @Test
  void makesASmallFileAgainThatIsGone() throws Exception {
    Path file = folder.resolve("temporary");
    FileRollback rollback = rollback(keeping(1, file));
    rollback.check();
    rollback.roll(4);
    assertThat(Files.readAllBytes(file)).hasSize(3);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
    assertThat(tails()).isEmpty();
  }

  @Test
  void putsBackASmallFileThatWasWrittenAnewAndKeepsWhatItHad() throws Exception {
    Path file = Files.writeString(folder.resolve("state"), "an");
    List<ProcessImage> images = keeping(2, file);
    rollback(images).check();
    rollback(images).roll(4);
    assertThat(Files.readAllBytes(file)).hasSize(3);
    assertThat(tails()).singleElement().satisfies(tail -> assertThat(tail).hasContent("an"));
  }

  @Test
  void leavesASmallFileThatWasOnlyReadAndIsAnotherNow() throws Exception {
    Path file = Files.writeString(folder.resolve("in"), "another");
    rollback(keeping(0, file)).roll(4);
    assertThat(file).hasContent("another");
  }

  private List<ProcessImage> mapping(Path file) throws Exception {
    FileStamp stamp = new FileStamp(2, 9, 5, 0640, Optional.empty());
    return Images.of(
        folder.resolve("epoch"),
        pool,
        Map.of(),
        States.content(100, 1, 100, 100, List.of(), List.of(States.written(file, stamp))));
  }

  @Test
  void makesAMappedFileAgainThatIsGoneWithItsFolder() throws Exception {
    Path file = folder.resolve("gone/with/table");
    FileRollback rollback = rollback(mapping(file));
    rollback.check();
    rollback.roll(4);
    assertThat(Files.size(file)).isEqualTo(9);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void makesAMappedFileAgainThatIsAnotherNowAndKeepsThat() throws Exception {
    Path file = Files.writeString(folder.resolve("table"), "another");
    FileRollback rollback = rollback(mapping(file));
    rollback.check();
    rollback.roll(4);
    assertThat(Files.readAllBytes(file)).isEqualTo(new byte[9]);
    assertThat(tails()).singleElement().satisfies(tail -> assertThat(tail).hasContent("another"));
  }

  @Test
  void refusesAFileThatLostItsContent() throws Exception {
    Path file = Files.writeString(folder.resolve("out"), "be");
    FileRollback rollback = rollback(images(1, file, 7));
    assertThatThrownBy(rollback::check)
        .isInstanceOf(Refusal.class)
        .hasMessageContaining(file + " had 7 bytes at the checkpoint and has only 2");
  }
}
