// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One flipped bit anywhere is found, and named. */
class DamageTest {

  private static final int FLIPS_IN_AN_IMAGE = 200;

  @TempDir Path folder;
  private final FramePool pool = new FramePool(2);
  private final SealedJson json = new SealedJson();
  private JobFolder job;
  private Manifest manifest;
  private ImageRecord image;
  private Path imageFile;
  private Path manifestFile;

  @BeforeEach
  void commitOne() throws Exception {
    job = new Store(folder).create(Samples::job);
    PartialEpoch partial = job.begin(1);
    image = Samples.write(partial.path(), Samples.content(100));
    manifest = Samples.manifest(1, image);
    partial.commit(manifest);
    imageFile = job.epochPath(1).resolve(image.file());
    manifestFile = job.epochPath(1).resolve("manifest.json");
  }

  @AfterEach
  void closePool() {
    pool.close();
  }

  @Test
  void anyFlippedBitOfAManifestIsFound() throws Exception {
    byte[] bytes = Files.readAllBytes(manifestFile);
    for (long bit = 0; bit < bytes.length * 8L; bit++) {
      byte[] content = flipped(bytes, bit);
      assertThatThrownBy(() -> decode(content)).isInstanceOf(ImageDamaged.class);
    }
    assertThat(decode(bytes)).isEqualTo(manifest);
  }

  @Test
  void anyCutManifestIsFound() throws Exception {
    byte[] bytes = Files.readAllBytes(manifestFile);
    for (int length = 0; length < bytes.length; length++) {
      byte[] content = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> decode(content)).isInstanceOf(ImageDamaged.class);
    }
  }

  @Test
  void aDamagedManifestMakesADamagedEpoch() throws Exception {
    byte[] bytes = Files.readAllBytes(manifestFile);
    for (long bit = 0; bit < bytes.length * 8L; bit += 997) {
      Files.write(manifestFile, flipped(bytes, bit));
      assertThat(job.epochs())
          .containsExactly(
              new StoredEpoch.Damaged(
                  1, manifestFile + " is damaged: its checksum does not match its content"));
    }
    Files.write(manifestFile, bytes);
    assertThat(job.epochs()).containsExactly(new StoredEpoch.Readable(manifest));
  }

  @Test
  void aDamagedRecordIsFound() throws Exception {
    Path file = job.path().resolve("job.json");
    byte[] bytes = Files.readAllBytes(file);
    for (long bit = 0; bit < bytes.length * 8L; bit += 97) {
      Files.write(file, flipped(bytes, bit));
      assertThatThrownBy(() -> job.record()).isInstanceOf(ImageDamaged.class);
    }
  }

  @Test
  void anyFlippedBitOfAnImageIsFound() throws Exception {
    byte[] bytes = Files.readAllBytes(imageFile);
    Random random = new Random(42);
    for (int i = 0; i < FLIPS_IN_AN_IMAGE; i++) {
      long bit = random.nextLong(bytes.length * 8L);
      Files.write(imageFile, flipped(bytes, bit));
      assertThat(job.verify(manifest, pool))
          .filteredOn(verdict -> verdict.file().equals(imageFile))
          .singleElement()
          .satisfies(
              verdict ->
                  assertThat(verdict.damage())
                      .hasValueSatisfying(
                          reason ->
                              assertThat(reason)
                                  .startsWith(imageFile + " is damaged: its frame ")));
    }
  }

  @Test
  void nothingOfADamagedFrameIsGivenOut() throws Exception {
    byte[] bytes = Files.readAllBytes(imageFile);
    Random random = new Random(43);
    for (int i = 0; i < 50; i++) {
      Files.write(imageFile, flipped(bytes, random.nextLong(bytes.length * 8L)));
      try (ImageReader reader = ImageReader.open(job.epochPath(1), image, pool)) {
        // The sink fails the test if it gets a wrong byte.
        assertThatThrownBy(
                () -> {
                  reader.readMemory(new CheckedSink(), given -> {});
                  reader.bytes("process.json");
                  reader.bytes("pipe/7");
                })
            .isInstanceOf(ImageDamaged.class);
      }
    }
  }

  @Test
  void aFrameWithARightChecksumIsStillNotTrusted() throws Exception {
    byte[] bytes = Files.readAllBytes(imageFile);
    Frame first = image.frames().get(0);
    bytes[first.storedBytes() - 1] ^= 1;
    Files.write(imageFile, bytes);
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, first.storedBytes());
    List<Frame> frames = new ArrayList<>(image.frames());
    frames.set(0, new Frame(first.storedBytes(), crc.getValue()));
    ImageRecord forged =
        new ImageRecord(
            image.host(),
            image.pid(),
            image.file(),
            image.rawBytes(),
            image.storedBytes(),
            image.frameBytes(),
            frames,
            image.entries(),
            image.memory(),
            image.objects());

    assertThat(ImageReader.verify(job.epochPath(1), forged, pool).damage())
        .hasValueSatisfying(reason -> assertThat(reason).contains("cannot be decompressed"));
  }

  @Test
  void anImageOfAnotherSizeIsFound() throws Exception {
    byte[] bytes = Files.readAllBytes(imageFile);
    for (int length : new int[] {0, 1, bytes.length / 2, bytes.length - 1, bytes.length + 1}) {
      Files.write(imageFile, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> ImageReader.open(job.epochPath(1), image, pool))
          .isInstanceOf(ImageDamaged.class)
          .hasMessage(
              "%s is damaged: it has %d bytes instead of %d", imageFile, length, bytes.length);
    }
  }

  @Test
  void aMissingImageIsFound() throws Exception {
    Files.delete(imageFile);

    assertThatThrownBy(() -> ImageReader.open(job.epochPath(1), image, pool))
        .isInstanceOf(ImageDamaged.class)
        .hasMessage("%s is damaged: it is missing", imageFile);
  }

  @Test
  void aMissingEntryIsFound() throws Exception {
    try (ImageReader reader = ImageReader.open(job.epochPath(1), image, pool)) {
      assertThatThrownBy(() -> reader.bytes("other.json"))
          .isInstanceOf(ImageDamaged.class)
          .hasMessageContaining("it has no entry other.json");
    }
  }

  @Test
  void aMissingObjectIsFound() throws Exception {
    assertThat(job.verify(manifest, pool))
        .filteredOn(verdict -> !verdict.good())
        .singleElement()
        .satisfies(
            verdict -> assertThat(verdict.file()).isEqualTo(job.objects().path(Samples.OBJECT)));
  }

  private Manifest decode(byte[] content) throws StoreException {
    return json.decode(manifestFile, content, Manifest.class, Manifest.SCHEMA);
  }

  private static byte[] flipped(byte[] bytes, long bit) {
    byte[] copy = bytes.clone();
    copy[(int) (bit / 8)] ^= (byte) (1 << (bit % 8));
    return copy;
  }
}
