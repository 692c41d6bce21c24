// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectStoreTest {

  // printf 'hello' | sha256sum
  private static final String HELLO =
      "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

  @TempDir Path folder;
  private ObjectStore objects;
  private Path file;

  @BeforeEach
  void makeStore() throws Exception {
    objects = new ObjectStore(folder.resolve("objects"));
    file = Files.writeString(folder.resolve("program"), "hello");
  }

  @Test
  void contentIsKeptOnceByItsHash() throws Exception {
    Path other = Files.writeString(folder.resolve("other"), "hello");

    assertThat(objects.put(file)).isEqualTo(HELLO);
    FileTime stored = Files.getLastModifiedTime(objects.path(HELLO));
    assertThat(objects.put(other)).isEqualTo(HELLO);
    assertThat(new ObjectStore(folder.resolve("objects")).put(other)).isEqualTo(HELLO);

    assertThat(objects.path(HELLO)).hasContent("hello");
    assertThat(Files.getLastModifiedTime(objects.path(HELLO))).isEqualTo(stored);
    assertThat(folder.resolve("objects")).isDirectoryContaining("glob:**/" + HELLO);
    try (var files = Files.list(folder.resolve("objects"))) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void anUnchangedFileIsNotReadAgain() throws Exception {
    assertThat(objects.put(file)).isEqualTo(HELLO);
    Files.delete(objects.path(HELLO));

    // It would be copied again if it was read.
    assertThat(objects.put(file)).isEqualTo(HELLO);
    assertThat(objects.path(HELLO)).doesNotExist();
  }

  @Test
  void aChangedFileIsReadAgain() throws Exception {
    FileTime time = Files.getLastModifiedTime(file);
    assertThat(objects.put(file)).isEqualTo(HELLO);
    Files.writeString(file, "jello");
    // Even of the same size and with its time set back.
    Files.setLastModifiedTime(file, time);

    String jello = objects.put(file);

    assertThat(jello).isNotEqualTo(HELLO);
    assertThat(objects.path(jello)).hasContent("jello");
    assertThat(objects.path(HELLO)).hasContent("hello");
  }

  @Test
  void damageIsFound() throws Exception {
    objects.put(file);
    assertThat(objects.verify(HELLO).good()).isTrue();

    Files.writeString(objects.path(HELLO), "hellp");
    assertThat(objects.verify(HELLO).damage())
        .contains(objects.path(HELLO) + " is damaged: its content is not what its name says");
    Files.delete(objects.path(HELLO));
    assertThat(objects.verify(HELLO).damage())
        .contains(objects.path(HELLO) + " is damaged: it is missing");
  }

  @Test
  void whatCannotBeReadIsNamed() {
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> objects.put(missing))
        .isInstanceOf(StoreException.class)
        .hasMessage("cannot store a copy of %s: no such file or folder", missing);
    assertThat(folder.resolve("objects")).doesNotExist();
  }
}
