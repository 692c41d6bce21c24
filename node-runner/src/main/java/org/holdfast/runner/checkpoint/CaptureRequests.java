// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.protocol.BlobState;
import org.holdfast.protocol.CaptureItem;
import org.holdfast.protocol.IpcObject;
import org.holdfast.runner.state.Content;
import org.holdfast.runner.state.DeletedFile;
import org.holdfast.runner.state.Description;
import org.holdfast.runner.state.FileId;
import org.holdfast.runner.state.Memfd;
import org.holdfast.runner.state.MessageQueue;
import org.holdfast.runner.state.OpenDescriptor;
import org.holdfast.runner.state.StateFiles;

/** What each process's snapshot copies besides its memory: each thing once. */
final class CaptureRequests {

  /** Of small files, bytes. */
  private static final long MOST_KEPT = 64 << 20;

  private final Map<Integer, List<CaptureItem>> items = new TreeMap<>();
  private final Map<Integer, Map<BlobState.Key, String>> names = new HashMap<>();
  private final Set<FileId> files = new HashSet<>();
  private long kept;

  CaptureRequests(Frozen frozen) {
    frozen.ipc().forEach(object -> ask(object, frozen));
    askForNamedQueues(frozen);
    Set<String> taken = new HashSet<>();
    for (int pid : frozen.processes().keySet()) {
      List<CaptureItem> list = items.computeIfAbsent(pid, unused -> new ArrayList<>());
      list.addAll(frozen.memory().copies(pid));
      for (OpenDescriptor descriptor : frozen.descriptors(pid)) {
        Description description = descriptor.description();
        if (description.content().isEmpty() || isInMemory(description, frozen.memory())) {
          continue;
        }
        Content content = description.content().get();
        if (!taken.contains(content.name()) && isAffordable(content)) {
          taken.add(content.name());
          ask(pid, content.item(descriptor.fd()), content.name());
          file(description).ifPresent(files::add);
        }
      }
    }
  }

  /**
   * Who knows an object copies it; a segment's content comes with the memory of who has attached
   * it. What is undone in a set only the process itself can tell, and any may have used the set.
   */
  private void ask(IpcObject object, Frozen frozen) {
    frozen.processes().entrySet().stream()
        .filter(process -> process.getValue().ipc().contains(object))
        .map(Map.Entry::getKey)
        .findFirst()
        .ifPresent(
            pid ->
                ask(
                    pid,
                    new CaptureItem.CopyIpc(object, !frozen.memory().isAttached(object)),
                    StateFiles.entry(object)));
    if (object.kind() == IpcObject.Kind.SEMAPHORES) {
      frozen
          .processes()
          .keySet()
          .forEach(pid -> ask(pid, new CaptureItem.Undo(object.id()), StateFiles.undo(object)));
    }
  }

  /** Those that a process has opened once, but none has open now. */
  private void askForNamedQueues(Frozen frozen) {
    Set<String> copied = new HashSet<>();
    for (List<OpenDescriptor> descriptors : frozen.descriptors().values()) {
      for (OpenDescriptor descriptor : descriptors) {
        if (descriptor.description() instanceof MessageQueue queue && !queue.unlinked()) {
          copied.add(queue.name());
        }
      }
    }
    frozen
        .processes()
        .forEach(
            (pid, process) ->
                process.queues().stream()
                    .filter(copied::add)
                    .forEach(
                        name ->
                            ask(
                                pid,
                                new CaptureItem.CopyNamedQueue(copied.size(), name),
                                StateFiles.queue(name))));
  }

  private void ask(int pid, CaptureItem item, String name) {
    items.computeIfAbsent(pid, unused -> new ArrayList<>()).add(item);
    names.computeIfAbsent(pid, unused -> new HashMap<>()).put(item.key(), name);
  }

  /** What this process is asked for. */
  List<CaptureItem> items(int pid) {
    return items.getOrDefault(pid, List.of());
  }

  /** The files whose content is copied by a descriptor. */
  Set<FileId> files() {
    return files;
  }

  /** The name of the image's entry for something that this process's snapshot copied. */
  String name(int pid, BlobState blob) {
    String name = names.getOrDefault(pid, Map.of()).get(blob.key());
    if (name == null) {
      throw new IllegalStateException(
          "the snapshot of process %d copied %s unasked".formatted(pid, blob.key()));
    }
    return name;
  }

  /** What is kept in case it will be missing must not make the stop long. */
  private boolean isAffordable(Content content) {
    if (content.kind() != Content.Kind.KEPT_FILE) {
      return true;
    }
    kept += content.length();
    return kept <= MOST_KEPT;
  }

  private static boolean isInMemory(Description description, SharedMemory memory) {
    return description instanceof Memfd memfd
        && memfd.seals() == 0
        && memory.covers(memfd.file(), memfd.size());
  }

  private static Optional<FileId> file(Description description) {
    if (description instanceof Memfd memfd) {
      return Optional.of(memfd.file());
    }
    return description instanceof DeletedFile file ? Optional.of(file.file()) : Optional.empty();
  }
}
