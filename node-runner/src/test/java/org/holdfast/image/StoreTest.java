// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {

  @TempDir Path folder;
  private Path root;
  private Store store;

  @BeforeEach
  void makeStore() {
    root = folder.resolve("parent/store");
    store = new Store(root);
  }

  @Test
  void aStoreThatDoesNotExistIsEmpty() throws Exception {
    assertThat(store.jobs()).isEmpty();
    assertThatThrownBy(() -> store.job(1))
        .isInstanceOf(NoSuchJob.class)
        .hasMessageContaining("no job 1 in the store " + root);
    assertThat(root).doesNotExist();
  }

  @Test
  void jobsAreNumberedOneAfterTheOther() throws Exception {
    assertThat(store.create(Samples::job).id()).isEqualTo(1);
    Files.createDirectory(root.resolve("41"));
    Files.createDirectory(root.resolve("lost+found"));
    Files.createFile(root.resolve("99"));
    JobFolder job = store.create(Samples::job);

    assertThat(job.id()).isEqualTo(42);
    assertThat(job.record()).isEqualTo(Samples.job(42));
    assertThat(store.job(42).path()).isEqualTo(root.resolve("42"));
    // 41 has no record: a crash between the two steps of making a job left it.
    assertThat(store.jobs()).extracting(JobFolder::id).containsExactly(1L, 42L);
  }

  @Test
  void everybodyGetsAnotherNumber() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(8);
    try {
      List<Future<JobFolder>> jobs = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        jobs.add(callers.submit(() -> new Store(root).create(Samples::job)));
      }
      for (Future<JobFolder> job : jobs) {
        assertThat(job.get().record().id()).isEqualTo(job.get().id());
      }
    } finally {
      callers.shutdownNow();
    }
    assertThat(store.jobs())
        .extracting(JobFolder::id)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 40).boxed().toList());
  }

  @Test
  void onlyTheOwnerMayReadIt() throws Exception {
    JobFolder job = store.create(Samples::job);
    PartialEpoch partial = job.begin(1);
    partial.commit(Samples.manifest(1));
    job.objects().put(Files.writeString(folder.resolve("file"), "x"));

    try (var files = Files.walk(root)) {
      for (Path file : files.toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .as(file.toString())
            .isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------");
      }
    }
  }

  @Test
  void theRecordIsReplaced() throws Exception {
    JobFolder job = store.create(Samples::job);
    JobRecord changed = job.record().withState(JobState.EXITED, Optional.of(256));
    job.update(changed);

    assertThat(store.job(1).record()).isEqualTo(changed);
    assertThat(job.path()).isDirectoryNotContaining(file -> file.toString().endsWith(".tmp"));
  }

  @Test
  void aJobWhoseRecordCannotBeMadeLeavesNothing() {
    assertThatThrownBy(
            () ->
                store.create(
                    id -> {
                      throw new IllegalStateException("no record");
                    }))
        .hasMessage("no record");
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void aStoreThatCannotBeMadeIsNamed() throws Exception {
    Files.createFile(folder.resolve("parent"));

    assertThatThrownBy(() -> store.create(Samples::job))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("cannot make a job in " + root + ": ");
  }

  @Test
  void aNewerRecordIsRefused() throws Exception {
    JobFolder job = store.create(Samples::job);
    writeNewer(job.path().resolve("job.json"));

    assertThatThrownBy(job::record)
        .isInstanceOf(NewerFormat.class)
        .hasMessageContaining("has format version 2, this Holdfast reads versions up to 1");
  }

  static void writeNewer(Path file) throws IOException {
    record Newer(int schema, String invention) {}
    new SealedJson().write(file, new Newer(2, "unheard of"));
  }
}
