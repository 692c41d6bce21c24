// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobFolderTest {

  @TempDir Path folder;
  private JobFolder job;

  @BeforeEach
  void makeJob() throws Exception {
    job = new Store(folder).create(Samples::job);
  }

  @Test
  void onlyACommittedCheckpointCounts() throws Exception {
    PartialEpoch partial = job.begin(1);
    Manifest manifest = Samples.manifest(1, Samples.write(partial.path(), Samples.content(100)));

    assertThat(partial.path()).isEqualTo(job.path().resolve("1.partial"));
    assertThat(job.epochs()).isEmpty();
    assertThat(job.nextEpoch()).isEqualTo(2);

    partial.commit(manifest);

    assertThat(partial.path()).doesNotExist();
    assertThat(job.epochs()).containsExactly(new StoredEpoch.Readable(manifest));
    assertThat(job.manifest(1)).isEqualTo(manifest);
    assertThat(job.epochPath(1).resolve("node1/100.tar.zst")).isRegularFile();
    assertThat(job.nextEpoch()).isEqualTo(2);
  }

  @Test
  void whatWasNotWrittenIsNotCommitted() throws Exception {
    PartialEpoch partial = job.begin(1);
    ImageRecord image = Samples.write(partial.path(), Samples.content(100));
    Path file = partial.path().resolve(image.file());
    Files.write(file, new byte[] {0}, StandardOpenOption.APPEND);

    assertThatThrownBy(() -> partial.commit(Samples.manifest(1, image)))
        .isInstanceOf(ImageDamaged.class)
        .hasMessageContaining(file.toString());
    Files.delete(file);
    assertThatThrownBy(() -> partial.commit(Samples.manifest(1, image)))
        .isInstanceOf(ImageDamaged.class);
    assertThat(job.epochs()).isEmpty();

    partial.discard();
    assertThat(partial.path()).doesNotExist();
    partial.discard();
  }

  @Test
  void anEpochIsWrittenOnce() throws Exception {
    job.begin(1);
    assertThatThrownBy(() -> job.begin(1))
        .isInstanceOf(StoreException.class)
        .hasMessage("cannot make %s: it exists already", job.path().resolve("1.partial"));
    commit(2, 0);
    assertThatThrownBy(() -> job.begin(2))
        .isInstanceOf(StoreException.class)
        .hasMessage("checkpoint 2 of job 1 exists already");
  }

  @Test
  void unusableCheckpointsAreNamed() throws Exception {
    commit(1, 0);
    commit(2, 0);
    commit(3, 0);
    commit(4, 0);
    Files.delete(job.epochPath(2).resolve("manifest.json"));
    StoreTest.writeNewer(job.epochPath(3).resolve("manifest.json"));
    Files.move(job.epochPath(4), job.epochPath(5));

    List<StoredEpoch> epochs = job.epochs();

    assertThat(epochs).extracting(StoredEpoch::epoch).containsExactly(1, 2, 3, 5);
    assertThat(epochs.get(0)).isInstanceOf(StoredEpoch.Readable.class);
    assertThat(epochs.get(1))
        .isInstanceOfSatisfying(
            StoredEpoch.Damaged.class, e -> assertThat(e.reason()).endsWith("it is missing"));
    assertThat(epochs.get(2))
        .isInstanceOfSatisfying(
            StoredEpoch.Newer.class,
            e -> assertThat(e.reason()).contains("format version 2", "versions up to 1"));
    assertThat(epochs.get(3))
        .isInstanceOfSatisfying(
            StoredEpoch.Damaged.class, e -> assertThat(e.reason()).endsWith("it is of epoch 4"));
    assertThatThrownBy(() -> job.manifest(4))
        .isInstanceOf(NoSuchEpoch.class)
        .hasMessageContaining("job 1 has no checkpoint of epoch 4");
  }

  @Test
  void whatACrashLeftIsRemoved() throws Exception {
    commit(1, 0);
    Samples.write(job.begin(2).path(), Samples.content(100));
    Path temporary = Files.createFile(job.path().resolve(".1234.tmp"));
    String object = job.objects().put(Files.writeString(folder.resolve("file"), "x"));
    Path copy = Files.createFile(job.path().resolve("objects/.5678.tmp"));

    assertThat(job.removeLeftovers())
        .containsExactlyInAnyOrder(job.path().resolve("2.partial"), temporary, copy);

    assertThat(job.path().resolve("2.partial")).doesNotExist();
    assertThat(temporary).doesNotExist();
    assertThat(copy).doesNotExist();
    assertThat(job.epochs()).hasSize(1);
    assertThat(job.objects().path(object)).exists();
    assertThat(job.record()).isEqualTo(Samples.job(1));
    assertThat(job.removeLeftovers()).isEmpty();
  }

  @Test
  void oldCheckpointsArePruned() throws Exception {
    for (int epoch = 1; epoch <= 5; epoch++) {
      commit(epoch, 0);
    }
    Path image = job.epochPath(4).resolve("node1/100.tar.zst");
    Files.write(image, Arrays.copyOf(Files.readAllBytes(image), 1000));

    assertThat(job.prune(2)).containsExactly(1, 2);

    assertThat(job.epochs()).extracting(StoredEpoch::epoch).containsExactly(3, 4, 5);
    assertThat(job.path().resolve("1")).doesNotExist();
    assertThat(job.path().resolve("1.partial")).doesNotExist();
    assertThat(job.prune(2)).isEmpty();
  }

  private void commit(int epoch, int parent) throws Exception {
    PartialEpoch partial = job.begin(epoch);
    partial.commit(
        Samples.manifest(epoch, parent, Samples.write(partial.path(), Samples.content(100))));
  }
}
