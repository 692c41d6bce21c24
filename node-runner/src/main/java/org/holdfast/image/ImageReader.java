// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Reads one image. Each frame's checksum is verified before a byte of it is used, so what is given
 * out is what was written. Safe for several threads at once.
 */
public final class ImageReader implements AutoCloseable {

  private final FrameFile file;
  private final ImageRecord image;
  private final FramePool pool;
  private final Map<String, NamedEntry> entries = new HashMap<>();

  private ImageReader(FrameFile file, ImageRecord image, FramePool pool) {
    this.file = file;
    this.image = image;
    this.pool = pool;
    image.entries().forEach(entry -> entries.put(entry.name(), entry));
  }

  /**
   * Opens an image.
   *
   * @param epoch the checkpoint's folder
   * @param image the image's record in the manifest
   * @param pool what decompresses
   * @throws ImageDamaged when the file is missing or of another size
   */
  public static ImageReader open(Path epoch, ImageRecord image, FramePool pool) throws IOException {
    return new ImageReader(FrameFile.open(epoch, image), image, pool);
  }

  /** Reads and decompresses every frame of an image; its parameters are those of {@link #open}. */
  public static Verification verify(Path epoch, ImageRecord image, FramePool pool)
      throws InterruptedException {
    Path path = epoch.resolve(image.file());
    try (FrameFile file = FrameFile.open(epoch, image)) {
      pool.run(0, file.index().count(), file::read, (number, raw, stored) -> {});
      return new Verification(path, Optional.empty());
    } catch (IOException e) {
      return new Verification(
          path, Optional.of(StoreException.cannot("read", path, e).getMessage()));
    }
  }

  /**
   * The content of the entry {@code name}, which must fit into memory.
   *
   * @throws ImageDamaged when the image has no such entry, or is damaged where it lies
   */
  public byte[] bytes(String name) throws IOException {
    try (InputStream in = stream(name)) {
      return in.readAllBytes();
    }
  }

  /**
   * The content of the entry {@code name}, of any size, decompressed as it is read. For one thread.
   *
   * @throws ImageDamaged as {@link #bytes}; also while it is read
   */
  public InputStream stream(String name) throws IOException {
    NamedEntry entry = entries.get(name);
    if (entry == null) {
      throw new ImageDamaged(file.path(), "it has no entry " + name);
    }
    return new EntryStream(file, pool, entry);
  }

  /** The size of the entry of this name, bytes; 0: there is none. */
  public long length(String name) {
    NamedEntry entry = entries.get(name);
    return entry == null ? 0 : entry.length();
  }

  /**
   * Gives all memory to {@code sink}, in no particular order, on the pool's threads.
   *
   * @param progress gets bytes as they are given out: increments, on the calling thread
   * @throws ImageDamaged when a frame is; then some memory may have been given out
   */
  public void readMemory(MemorySink sink, LongConsumer progress)
      throws IOException, InterruptedException {
    readMemory(0, Long.MAX_VALUE, sink, progress);
  }

  /** As {@link #readMemory(MemorySink, LongConsumer)}, what lies between two addresses only. */
  public void readMemory(long start, long end, MemorySink sink, LongConsumer progress)
      throws IOException, InterruptedException {
    MemoryMap memory = new MemoryMap(image.memory(), start, end);
    if (memory.isEmpty()) {
      return;
    }
    FrameIndex index = file.index();
    pool.run(
        index.at(memory.firstOffset()),
        index.at(memory.lastOffset()) + 1,
        (number, coder, stored) ->
            memory.give(file.read(number, coder, stored), index.rawOffset(number), sink),
        (number, given, stored) -> progress.accept(given));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
