// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Where everything lies in an image's tar. Any part of the tar can be made from this at any time,
 * so frames are made independently of each other, and nothing but the layout is held in memory.
 */
final class TarLayout {

  private final int pid;
  private final Instant time;
  private final MemorySource source;
  private final List<Part> parts = new ArrayList<>();
  private final List<NamedEntry> entries = new ArrayList<>();
  private final List<MemoryEntry> memory = new ArrayList<>();
  private long size;

  /** A file of the tar, and where its header begins. */
  private record Part(long offset, TarContent content) {}

  TarLayout(ImageContent content, MemorySource source) {
    this.pid = content.pid();
    this.time = content.time();
    this.source = source;
    content
        .files()
        .forEach((name, bytes) -> addEntry(new TarContent.Given(name, ByteBuffer.wrap(bytes))));
    content.blobs().forEach(this::addEntry);
    for (MemoryRun run : content.memory()) {
      memory.add(new MemoryEntry(run.start(), run.end(), add(run)));
    }
    size += TarHeader.END_OF_ARCHIVE;
  }

  /** Size of the tar, bytes. */
  long size() {
    return size;
  }

  List<NamedEntry> entries() {
    return entries;
  }

  List<MemoryEntry> memory() {
    return memory;
  }

  /** Fills {@code into} with the tar's bytes from {@code offset} on. */
  void fill(long offset, ByteBuffer into) throws IOException {
    for (int i = partAt(offset); i < parts.size() && into.hasRemaining(); i++) {
      fillFrom(parts.get(i), offset + into.position(), into);
    }
    putZeros(into, into.remaining());
  }

  private void addEntry(TarContent content) {
    entries.add(new NamedEntry(content.name(), content.length(), add(content)));
  }

  /** Returns where the content begins. */
  private long add(TarContent content) {
    parts.add(new Part(size, content));
    long begin = size + TarHeader.size(content.length());
    size = begin + content.length() + TarHeader.padding(content.length());
    return begin;
  }

  /** Index of the last part that begins at or before {@code offset}. */
  private int partAt(long offset) {
    int low = 0;
    int high = parts.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (parts.get(middle).offset() <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Puts what {@code part} has from {@code offset} of the tar on, as much as there is room for. */
  private void fillFrom(Part part, long offset, ByteBuffer into) throws IOException {
    TarContent content = part.content();
    long begin = part.offset() + TarHeader.size(content.length());
    long end = begin + content.length();
    long at = offset;
    if (at < begin) {
      byte[] header = TarHeader.of(content.name(), content.length(), time);
      int count = (int) Math.min(begin - at, into.remaining());
      into.put(header, header.length - (int) (begin - at), count);
      at += count;
    }
    if (at < end) {
      int count = (int) Math.min(end - at, into.remaining());
      putContent(content, at - begin, count, into);
      at += count;
    }
    long next = end + TarHeader.padding(content.length());
    putZeros(into, Math.min(next - at, into.remaining()));
  }

  private void putContent(TarContent content, long from, int count, ByteBuffer into)
      throws IOException {
    if (content instanceof TarContent.Given given) {
      into.put(given.bytes().slice((int) from, count));
    } else if (content instanceof Blob blob) {
      read(blob.address() + from, count, into);
    } else if (content instanceof MemoryRun run) {
      read(run.start() + from, count, into);
    }
  }

  private void read(long address, int count, ByteBuffer into) throws IOException {
    int limit = into.limit();
    into.limit(into.position() + count);
    long at = address;
    while (into.hasRemaining()) {
      at += readSome(at, into);
    }
    into.limit(limit);
  }

  private int readSome(long address, ByteBuffer into) throws IOException {
    int count;
    try {
      count = source.read(into, address);
    } catch (IOException e) {
      throw new MemoryUnreadable(pid, address, StoreException.reason(e));
    }
    if (count <= 0) {
      throw new MemoryUnreadable(pid, address, "there is none");
    }
    return count;
  }

  private static void putZeros(ByteBuffer into, long count) {
    for (long i = 0; i < count; i++) {
      into.put((byte) 0);
    }
  }
}
