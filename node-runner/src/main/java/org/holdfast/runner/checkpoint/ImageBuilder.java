// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.holdfast.image.Blob;
import org.holdfast.image.ImageContent;
import org.holdfast.image.MemoryRun;
import org.holdfast.image.MemorySource;
import org.holdfast.image.ProcessRecord;
import org.holdfast.protocol.BlobState;
import org.holdfast.protocol.CaptureItem;
import org.holdfast.protocol.Gathered;
import org.holdfast.protocol.MemoryRange;
import org.holdfast.protocol.ProcessState;
import org.holdfast.protocol.ThreadState;
import org.holdfast.runner.state.Area;
import org.holdfast.runner.state.AreaFlags;
import org.holdfast.runner.state.AreaReader;
import org.holdfast.runner.state.MapsReader;
import org.holdfast.runner.state.ProcessFile;
import org.holdfast.runner.state.Refusal;
import org.holdfast.runner.state.StateFiles;
import org.holdfast.runner.state.ZombieState;

/** Says what the image of a process holds. Used after the freeze. */
final class ImageBuilder {

  private static final int PAGE = 4096;

  private final Frozen frozen;
  private final CaptureRequests requests;
  private final ProcessFile.JobFacts facts;
  private final String host;
  private final MappedFiles mappedFiles;
  private final StateFiles files = new StateFiles();
  private final AreaReader areaReader;

  ImageBuilder(
      Frozen frozen,
      CaptureRequests requests,
      ProcessFile.JobFacts facts,
      String host,
      MappedFiles mappedFiles) {
    this.frozen = frozen;
    this.requests = requests;
    this.facts = facts;
    this.host = host;
    this.mappedFiles = mappedFiles;
    areaReader = new AreaReader(frozen.memory().stamps());
  }

  /**
   * What the image of a process holds.
   *
   * @param snapshot its snapshot
   * @param proc the snapshot's folder in /proc
   * @param memory the snapshot's memory
   * @throws Refusal when an area cannot be restored
   * @throws IOException when the store fails
   */
  ImageContent build(Snapshots.Snapshot snapshot, Path proc, MemorySource memory)
      throws Refusal, IOException {
    int pid = snapshot.pid();
    Gathered state = state(pid);
    List<Area> areas =
        areaReader.read(
            MapsReader.all(state.mapsText()),
            AreaFlags.read(proc.resolve("smaps")),
            state.advised());
    Map<String, byte[]> json =
        files.write(
            new StateFiles.Content(
                new ProcessFile(state.process(), frozen.zombies(pid), facts),
                state.threads(),
                frozen.descriptors(pid),
                frozen.ipc(),
                areas));
    List<Blob> blobs = new ArrayList<>();
    for (BlobState blob : snapshot.blobs()) {
      blobs.add(new Blob(requests.name(pid, blob), blob.address(), blob.length()));
    }
    return new ImageContent(
        host,
        pid,
        frozen.time(),
        json,
        blobs,
        runs(pid, areas, snapshot, memory),
        mappedFiles.keep(areas));
  }

  /** What the manifest says of a process and of its zombies. */
  List<ProcessRecord> records(int pid, Path proc) throws IOException {
    Gathered state = state(pid);
    ProcessState process = state.process();
    String name =
        state.threads().stream()
            .filter(thread -> thread.tid() == pid)
            .map(ThreadState::name)
            .findFirst()
            .orElse("");
    List<ProcessRecord> records = new ArrayList<>();
    records.add(
        new ProcessRecord(
            host,
            pid,
            frozen.processes().containsKey(process.ppid()) ? process.ppid() : 0,
            process.pgid(),
            process.sid(),
            name,
            process.exe(),
            commandLine(proc),
            state.threads().size(),
            false,
            0,
            frozen.byDriver().contains(pid)));
    for (ZombieState zombie : frozen.zombies(pid)) {
      records.add(
          new ProcessRecord(
              host,
              zombie.pid(),
              pid,
              zombie.pgid(),
              zombie.sid(),
              zombie.name(),
              "",
              List.of(),
              0,
              true,
              zombie.status(),
              false));
    }
    return records;
  }

  private Gathered state(int pid) {
    return Objects.requireNonNull(frozen.processes().get(pid));
  }

  private static List<String> commandLine(Path proc) throws IOException {
    String line = new String(Files.readAllBytes(proc.resolve("cmdline")), StandardCharsets.UTF_8);
    return line.isEmpty() ? List.of() : List.of(line.split("\0"));
  }

  private List<MemoryRun> runs(
      int pid, List<Area> areas, Snapshots.Snapshot snapshot, MemorySource memory) {
    List<MemoryRun> stored = new ArrayList<>();
    for (Area area : areas) {
      switch (area.kind()) {
        case ANONYMOUS, STACK, FILE -> used(snapshot.runs(), area.range(), stored);
        case COPY -> readable(area.range(), memory, stored);
        case SHARED_FILE, SHARED_OBJECT -> {
          for (CaptureItem.CopyArea copy : frozen.memory().copies(pid)) {
            if (copy.range().overlaps(area.range())) {
              used(snapshot.runs(), copy.range(), stored);
            }
          }
        }
        case VDSO, VVAR -> {}
      }
    }
    return stored;
  }

  /** The used pages in a range. */
  private static void used(List<MemoryRange> runs, MemoryRange range, List<MemoryRun> stored) {
    for (int n = firstEndingAfter(runs, range.start());
        n < runs.size() && runs.get(n).start() < range.end();
        n++) {
      stored.add(
          new MemoryRun(
              Math.max(runs.get(n).start(), range.start()),
              Math.min(runs.get(n).end(), range.end())));
    }
  }

  private static int firstEndingAfter(List<MemoryRange> runs, long address) {
    int low = 0;
    int high = runs.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (runs.get(middle).end() > address) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** The pages in a range that can be read: behind the end of a mapped file none can. */
  private static void readable(MemoryRange range, MemorySource memory, List<MemoryRun> stored) {
    ByteBuffer page = ByteBuffer.allocateDirect(PAGE);
    long start = range.start();
    long at = range.start();
    for (; at < range.end(); at += PAGE) {
      if (!isReadable(memory, at, page)) {
        break;
      }
    }
    if (at > start) {
      stored.add(new MemoryRun(start, at));
    }
  }

  private static boolean isReadable(MemorySource memory, long address, ByteBuffer page) {
    try {
      return memory.read(page.clear(), address) > 0;
    } catch (IOException e) {
      return false;
    }
  }
}
