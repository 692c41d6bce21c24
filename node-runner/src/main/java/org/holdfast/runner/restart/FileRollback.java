// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.logging.Logger;
import org.holdfast.runner.state.Description;
import org.holdfast.runner.state.NamedFile;
import org.holdfast.runner.state.NamedPipe;
import org.holdfast.runner.state.OpenDescriptor;
import org.holdfast.runner.state.Refusal;
import org.holdfast.runner.state.Socket;

/**
 * Brings the files that the job had open for writing back to their sizes at the checkpoint, and
 * small ones to their content. What is cut off is kept beside each file.
 */
final class FileRollback {

  private static final Logger LOG = Logger.getLogger(FileRollback.class.getName());
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss");

  private final Map<Path, Long> sizes = new TreeMap<>();
  private final Set<Path> names = new TreeSet<>();
  private final KeptFiles kept;
  private final WrittenFiles written;

  /**
   * @param images of all processes
   * @param kept the small files whose content they have
   * @param written the files that were written through mappings
   */
  FileRollback(List<ProcessImage> images, KeptFiles kept, WrittenFiles written) {
    this.kept = kept;
    this.written = written;
    for (ProcessImage image : images) {
      for (OpenDescriptor descriptor : image.content().descriptors()) {
        if (descriptor.description() instanceof NamedFile file && file.writable()) {
          // Processes are described one after the other: the last description knows of all writes.
          sizes.merge(Path.of(file.path()), file.size(), Math::max);
        }
        name(descriptor.description()).ifPresent(names::add);
      }
    }
    written.paths().forEach(path -> sizes.putIfAbsent(path, written.size(path)));
  }

  /** Of what is made again by its name. */
  private static Optional<Path> name(Description description) {
    if (description instanceof NamedPipe fifo) {
      return Optional.of(Path.of(fifo.path()));
    }
    return description instanceof Socket socket && socket.state().local().startsWith("/")
        ? Optional.of(Path.of(socket.state().local()))
        : Optional.empty();
  }

  /**
   * Refuses when a file has lost what it had at the checkpoint.
   *
   * @throws Refusal which one
   */
  void check() throws Refusal, IOException {
    for (Map.Entry<Path, Long> file : sizes.entrySet()) {
      if (!kept.has(file.getKey())
          && !written.has(file.getKey())
          && Files.exists(file.getKey())
          && Files.size(file.getKey()) < file.getValue()) {
        throw new Refusal(
            "%s had %d bytes at the checkpoint and has only %d now: put back what is missing"
                .formatted(file.getKey(), file.getValue(), Files.size(file.getKey())));
      }
    }
  }

  /**
   * Cuts them, after all that is cut off is safe, and makes those that are gone and whose content
   * is in the images, and the folders of what gets its name back later.
   *
   * @param epoch the checkpoint's number, for the names of what is cut off
   */
  void roll(int epoch) throws IOException {
    String suffix =
        ".holdfast-cut-%d-%s"
            .formatted(epoch, LocalDateTime.now(ZoneId.systemDefault()).format(TIME));
    for (Path name : names) {
      KeptFiles.makeFolder(name);
    }
    for (Path file : kept.paths()) {
      putBack(file, Path.of(file + suffix));
    }
    List<Path> grown = new ArrayList<>();
    for (Map.Entry<Path, Long> file : sizes.entrySet()) {
      if (Files.exists(file.getKey()) && Files.size(file.getKey()) > file.getValue()) {
        keepTail(file.getKey(), file.getValue(), Path.of(file.getKey() + suffix));
        grown.add(file.getKey());
      }
    }
    for (Path file : written.paths()) {
      makeWhole(file, Path.of(file + suffix));
    }
    for (Path file : grown) {
      long size = sizes.getOrDefault(file, 0L);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(size);
      }
      LOG.info(
          "%s is cut to its %d bytes at the checkpoint; the rest is in %s%s"
              .formatted(file, size, file.getFileName(), suffix));
    }
  }

  /** One that is gone, or whose beginning is another now; those that were only read may be new. */
  private void putBack(Path file, Path changed) throws IOException {
    if (!Files.exists(file)) {
      kept.write(file);
      LOG.info("%s is made again, with its content at the checkpoint".formatted(file));
    } else if (sizes.containsKey(file) && kept.isChanged(file)) {
      keepTail(file, 0, changed);
      kept.write(file);
      LOG.info(
          "%s has its content at the checkpoint; what it had now is in %s"
              .formatted(file, changed.getFileName()));
    }
  }

  /** One that is gone, or is shorter now, which then is another. */
  private void makeWhole(Path file, Path other) throws IOException {
    if (Files.exists(file) && Files.size(file) < written.size(file)) {
      keepTail(file, 0, other);
      Files.delete(file);
      LOG.info("%s is another file now, which is in %s".formatted(file, other.getFileName()));
    }
    if (!Files.exists(file)) {
      written.make(file);
      LOG.info("%s is made again, with its content at the checkpoint".formatted(file));
    }
  }

  private static void keepTail(Path file, long from, Path tail) throws IOException {
    try (FileChannel source = FileChannel.open(file, StandardOpenOption.READ);
        FileChannel target =
            FileChannel.open(
                tail, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
      long size = source.size();
      for (long at = from; at < size; ) {
        at += source.transferTo(at, size - at, target);
      }
      target.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(tail);
      throw new IOException("cannot keep the end of %s: %s".formatted(file, e.getMessage()), e);
    }
    Files.setPosixFilePermissions(tail, Files.getPosixFilePermissions(file));
  }
}
