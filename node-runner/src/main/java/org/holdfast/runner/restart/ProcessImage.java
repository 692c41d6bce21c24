// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.holdfast.image.FramePool;
import org.holdfast.image.ImageReader;
import org.holdfast.image.ImageRecord;
import org.holdfast.image.MemoryEntry;
import org.holdfast.image.MemorySink;
import org.holdfast.image.NamedEntry;
import org.holdfast.image.ObjectRecord;
import org.holdfast.runner.state.Refusal;
import org.holdfast.runner.state.StateFiles;

/** The image of a process, open for its restart. */
final class ProcessImage implements AutoCloseable {

  private final ImageRecord record;
  private final ImageReader reader;
  private final StateFiles.Content content;

  private ProcessImage(ImageRecord record, ImageReader reader, StateFiles.Content content) {
    this.record = record;
    this.reader = reader;
    this.content = content;
  }

  /**
   * Opens these images.
   *
   * @param epoch the checkpoint's folder
   * @throws IOException when one is damaged or cannot be read
   * @throws Refusal when one was written by another version
   */
  static List<ProcessImage> open(Path epoch, List<ImageRecord> records, FramePool pool)
      throws IOException, Refusal {
    StateFiles files = new StateFiles();
    List<ProcessImage> images = new ArrayList<>();
    for (ImageRecord record : records) {
      ImageReader reader = ImageReader.open(epoch, record, pool);
      images.add(new ProcessImage(record, reader, files.read(reader::bytes)));
    }
    return images;
  }

  int pid() {
    return record.pid();
  }

  /** Its size before compression. */
  long rawBytes() {
    return record.rawBytes();
  }

  StateFiles.Content content() {
    return content;
  }

  /** The files that it had mapped and the job's objects keep. */
  List<ObjectRecord> objects() {
    return record.objects();
  }

  /** The names of its entries but its memory. */
  Stream<String> names() {
    return record.entries().stream().map(NamedEntry::name);
  }

  /** The size of the entry of this name, bytes; 0: there is none. */
  long length(String name) {
    return reader.length(name);
  }

  /** The names of the entries that begin so. */
  List<String> names(String prefix) {
    return record.entries().stream()
        .map(NamedEntry::name)
        .filter(name -> name.startsWith(prefix))
        .toList();
  }

  /** The content of the entry of this name. */
  InputStream stream(String name) throws IOException {
    return reader.stream(name);
  }

  /** The size of its memory, bytes. */
  long memoryBytes() {
    return record.memory().stream().mapToLong(MemoryEntry::length).sum();
  }

  /** Gives all its memory. */
  void readMemory(MemorySink sink, LongConsumer progress) throws IOException, InterruptedException {
    reader.readMemory(sink, progress);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
