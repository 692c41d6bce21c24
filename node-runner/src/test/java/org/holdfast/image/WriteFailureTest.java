// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever goes wrong while an image is written: it is named, and nothing is left. */
@Timeout(60)
class WriteFailureTest {

  @TempDir Path epoch;
  private final FramePool pool = new FramePool(2);
  private final ImageWriter writer = new ImageWriter(pool, 1);

  @AfterEach
  void closePool() {
    pool.close();
  }

  @Test
  void memoryThatCannotBeRead() throws Exception {
    MemorySource broken =
        (into, address) -> {
          if (address >= 0x7f0000200000L) {
            throw new IOException("Input/output error");
          }
          return new PatternMemory().read(into, address);
        };

    assertThatThrownBy(() -> writer.write(epoch, Samples.content(100), broken, bytes -> {}))
        .isInstanceOf(MemoryUnreadable.class)
        .hasMessageMatching(
            "cannot read memory of process 100 at 0x7f0000[0-9a-f]{6}: Input/output error");
    assertNothingLeft();
  }

  @Test
  void memoryThatEnds() throws Exception {
    assertThatThrownBy(
            () -> writer.write(epoch, Samples.content(100), (into, address) -> -1, bytes -> {}))
        .isInstanceOf(MemoryUnreadable.class)
        .hasMessageEndingWith("there is none");
    assertNothingLeft();
  }

  @Test
  void aSourceThatWasClosed() throws Exception {
    Path memory = Files.write(epoch.resolve("memory"), new byte[8192]);
    ChannelMemory source = ChannelMemory.open(memory, StandardOpenOption.READ);
    source.close();
    ImageContent content =
        new ImageContent(
            "node1",
            100,
            Samples.TIME,
            Map.of(),
            List.of(),
            List.of(new MemoryRun(0, 8192)),
            List.of());

    assertThatThrownBy(() -> writer.write(epoch, content, source, bytes -> {}))
        .isInstanceOf(MemoryUnreadable.class)
        .hasMessageEndingWith("it was closed");
    assertNothingLeft();
  }

  @Test
  void aFullDisk() throws Exception {
    Path small = Files.createDirectory(epoch.resolve("small"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=512k", "none", small.toString()) == 0,
        "mounting a small file system needs root");
    try {
      assertThatThrownBy(
              () -> writer.write(small, Samples.content(100), new PatternMemory(), bytes -> {}))
          .isInstanceOf(StoreException.class)
          .hasMessage(
              "cannot write %s: No space left on device", small.resolve("node1/100.tar.zst"));
      assertThat(small.resolve("node1")).isEmptyDirectory();
    } finally {
      assertThat(run("umount", small.toString())).isZero();
    }
  }

  @Test
  void aFolderThatCannotBeMade() throws Exception {
    Files.createFile(epoch.resolve("node1"));

    assertThatThrownBy(() -> Samples.write(epoch, Samples.content(100)))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("cannot make " + epoch.resolve("node1/100.tar.zst") + ": ");
  }

  @Test
  void aFileThatExistsIsKept() throws Exception {
    ImageRecord image = Samples.write(epoch, Samples.content(100));

    assertThatThrownBy(
            () -> writer.write(epoch, Samples.content(100), new PatternMemory(), bytes -> {}))
        .isInstanceOf(StoreException.class)
        .hasMessage("cannot make %s: it exists already", epoch.resolve(image.file()));
    assertThat(ImageReader.verify(epoch, image, pool).good()).isTrue();
  }

  @Test
  void anInterruptedCaller() throws Exception {
    CountDownLatch reading = new CountDownLatch(2);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    MemorySource slow =
        (into, address) -> {
          reading.countDown();
          await(goOn);
          return new PatternMemory().read(into, address);
        };
    Thread caller =
        new Thread(
            () -> {
              try {
                writer.write(epoch, Samples.content(100), slow, bytes -> {});
              } catch (InterruptedException | IOException | RuntimeException e) {
                thrown.set(e);
              }
            });
    caller.start();
    reading.await();
    caller.interrupt();
    goOn.countDown();
    caller.join();

    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertNothingLeft();
    assertThat(ImageReader.verify(epoch, Samples.write(epoch, Samples.content(100)), pool).good())
        .isTrue();
  }

  /** Neither the file nor an open descriptor of it. */
  private void assertNothingLeft() throws IOException {
    assertThat(epoch.resolve("node1")).isEmptyDirectory();
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors) {
        if (Files.isSymbolicLink(descriptor)) {
          assertThat(Files.readSymbolicLink(descriptor).toString())
              .doesNotContain(epoch.toString());
        }
      }
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
