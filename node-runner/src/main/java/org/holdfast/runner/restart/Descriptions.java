// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.protocol.PlanData;
import org.holdfast.protocol.PlanDescription;
import org.holdfast.protocol.PlanPlace;
import org.holdfast.protocol.SocketState;
import org.holdfast.runner.state.Area;
import org.holdfast.runner.state.Connections;
import org.holdfast.runner.state.Content;
import org.holdfast.runner.state.DeletedFile;
import org.holdfast.runner.state.Description;
import org.holdfast.runner.state.FileId;
import org.holdfast.runner.state.Memfd;
import org.holdfast.runner.state.ObjectNumbers;
import org.holdfast.runner.state.OpenDescriptor;
import org.holdfast.runner.state.PtySlave;
import org.holdfast.runner.state.Refusal;
import org.holdfast.runner.state.Socket;
import org.holdfast.runner.state.StateFiles;

/** The open file descriptions of a plan: those of descriptors, and those that only areas need. */
final class Descriptions {

  private static final int READ_WRITE = 2;

  private final List<PlanDescription> list = new ArrayList<>();
  private final List<PlanData> data = new ArrayList<>();
  private final Map<Integer, Integer> shared = new HashMap<>();
  private final Map<FileId, PlanDescription> objects = new HashMap<>();
  private final Map<PlanDescription, Integer> mapped = new HashMap<>();
  private final ObjectNumbers numbers = new ObjectNumbers();
  private final MappedFiles mappedFiles;

  /**
   * @param images of all processes
   * @param mappedFiles tells where they are
   */
  Descriptions(List<ProcessImage> images, MappedFiles mappedFiles) {
    this.mappedFiles = mappedFiles;
    Map<Integer, Description> byNumber = new TreeMap<>();
    for (ProcessImage image : images) {
      for (OpenDescriptor descriptor : image.content().descriptors()) {
        byNumber.putIfAbsent(descriptor.shared(), descriptor.description());
      }
    }
    Contents contents = new Contents(images);
    byNumber.forEach((number, description) -> add(number, description, contents));
    connect(byNumber);
    addObjects(images);
    images.forEach(this::addQueues);
  }

  /** All, by index. */
  List<PlanDescription> list() {
    return list;
  }

  /** Their content. */
  List<PlanData> data() {
    return data;
  }

  /** Where a process has them. */
  List<PlanPlace> places(ProcessImage image) {
    return image.content().descriptors().stream()
        .map(
            descriptor ->
                new PlanPlace(
                    descriptor.fd(),
                    Objects.requireNonNull(shared.get(descriptor.shared())),
                    descriptor.fdFlags()))
        .toList();
  }

  /**
   * The index of a description of a pseudo terminal of the job.
   *
   * @param tty as {@code st_rdev} tells it
   * @throws Refusal when the job has it open nowhere
   */
  int terminal(long tty) throws Refusal {
    long number = PtySlave.index(tty).orElse(-1);
    for (int n = 0; n < list.size(); n++) {
      PlanDescription.Kind kind = list.get(n).kind();
      if ((kind == PlanDescription.Kind.PTY_SLAVE || kind == PlanDescription.Kind.PTY_MASTER)
          && list.get(n).value() == number) {
        return n;
      }
    }
    throw new Refusal("the controlling terminal /dev/pts/%d is not the job's".formatted(number));
  }

  /**
   * The index of what an area maps, -1: nothing.
   *
   * @throws Refusal when it can only be a copy, which is damaged
   */
  int mapped(Area area) throws Refusal {
    return switch (area.kind()) {
      case FILE, SHARED_FILE -> mapped(file(place(area), area.isWrittenBack() ? READ_WRITE : 0));
      case SHARED_OBJECT ->
          area.isSegment() ? -1 : mapped(Objects.requireNonNull(objects.get(area.file())));
      case ANONYMOUS, STACK, COPY, VDSO, VVAR -> -1;
    };
  }

  private String place(Area area) throws Refusal {
    return area.isOnlyRead()
        ? mappedFiles.place(area).map(Path::toString).orElse(area.path())
        : area.path();
  }

  /** What is kept of contents in the images, each given once. */
  private static final class Contents {
    private final List<ProcessImage> images;
    private final Set<String> given = new HashSet<>();

    Contents(List<ProcessImage> images) {
      this.images = images;
    }

    void add(Content content, int index, List<PlanData> data) {
      for (ProcessImage image : images) {
        long length = image.length(content.name());
        if (length > 0 && given.add(content.name())) {
          data.add(new PlanData(index, image.pid(), length, () -> image.stream(content.name())));
        }
      }
    }
  }

  private void add(int number, Description description, Contents contents) {
    int index = list.size();
    PlanDescription plan = description.plan(numbers);
    list.add(plan);
    shared.put(number, index);
    description.content().ifPresent(content -> contents.add(content, index, data));
    if (description instanceof Memfd memfd) {
      objects.putIfAbsent(memfd.file(), readWrite(plan));
    } else if (description instanceof DeletedFile file) {
      objects.putIfAbsent(file.file(), readWrite(plan));
    }
  }

  /** Sockets know the other side by the index of its description. */
  private void connect(Map<Integer, Description> byNumber) {
    Map<Long, Integer> byInode = new HashMap<>();
    List<SocketState> sockets = new ArrayList<>();
    byNumber.forEach(
        (number, description) -> {
          if (description instanceof Socket socket) {
            byInode.put(socket.state().inode(), Objects.requireNonNull(shared.get(number)));
            sockets.add(socket.state());
          }
        });
    Connections connections = new Connections(sockets);
    byNumber.forEach(
        (number, description) -> {
          if (description instanceof Socket socket) {
            Connections.Other other = connections.of(socket.state());
            long peer = byInode.getOrDefault(other.inode(), -1);
            list.set(
                Objects.requireNonNull(shared.get(number)), socket.plan(peer, fate(other.side())));
          }
        });
  }

  private static long fate(Connections.Side side) {
    return switch (side) {
      case OUTSIDE -> PlanDescription.RESET;
      case WAITING -> PlanDescription.WAITING;
      case NONE, PEER, CLOSED -> 0;
    };
  }

  private static PlanDescription readWrite(PlanDescription plan) {
    return new PlanDescription(plan.kind(), READ_WRITE, -1, plan.value(), plan.aux(), plan.body());
  }

  /** Shared memory objects that no descriptor refers to are as large as what is mapped of them. */
  private void addObjects(List<ProcessImage> images) {
    Map<FileId, Long> sizes = new HashMap<>();
    for (ProcessImage image : images) {
      for (Area area : image.content().areas()) {
        if (area.kind() == Area.Kind.SHARED_OBJECT && !area.isSegment()) {
          sizes.merge(area.file(), area.offset() + area.range().length(), Math::max);
        }
      }
    }
    sizes.forEach(
        (file, size) ->
            objects.computeIfAbsent(
                file,
                id ->
                    new PlanDescription(
                        PlanDescription.Kind.MEMFD, READ_WRITE, -1, numbers.of(id), size, "")));
  }

  /** Message queues that no process has open: they live on by their names. */
  private void addQueues(ProcessImage image) {
    for (String entry : image.names(StateFiles.NAMED_QUEUES)) {
      if (image.length(entry) > 0) {
        String name = entry.substring(StateFiles.NAMED_QUEUES.length());
        long number = numbers.of(new FileId(0, -1L - list.size()));
        data.add(
            new PlanData(list.size(), image.pid(), image.length(entry), () -> image.stream(entry)));
        list.add(new PlanDescription(PlanDescription.Kind.MQUEUE, READ_WRITE, -1, number, 0, name));
      }
    }
  }

  private static PlanDescription file(String path, int flags) {
    return new PlanDescription(PlanDescription.Kind.OBJECT, flags, -1, 0, 0, path);
  }

  private int mapped(PlanDescription description) {
    return mapped.computeIfAbsent(
        description,
        added -> {
          list.add(added);
          return list.size() - 1;
        });
  }
}
