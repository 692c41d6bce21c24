// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.holdfast.protocol.IpcObject;
import org.holdfast.protocol.Namespace;
import org.holdfast.protocol.Plan;
import org.holdfast.protocol.PlanArea;
import org.holdfast.protocol.PlanDescription;
import org.holdfast.protocol.PlanIpc;
import org.holdfast.protocol.PlanNode;
import org.holdfast.protocol.PlanPlace;
import org.holdfast.protocol.ProcessState;
import org.holdfast.runner.state.Area;
import org.holdfast.runner.state.OpenDescriptor;
import org.holdfast.runner.state.ProcessFile;
import org.holdfast.runner.state.Refusal;
import org.holdfast.runner.state.StateFiles;

/** Makes the plan of a restart from the images of all processes. */
final class Planner {

  /** Descriptors that the initial process has for itself. */
  private static final int OWN_DESCRIPTORS = 32;

  private final List<ProcessImage> images;
  private final Map<Integer, ProcessImage> byPid = new HashMap<>();
  private final Descriptions descriptions;
  private final IntSupplier spareNumbers;

  /**
   * @param images of all processes
   * @param mappedFiles tells where they are
   * @param spareNumbers gives numbers that nobody has, for helpers
   */
  Planner(List<ProcessImage> images, MappedFiles mappedFiles, IntSupplier spareNumbers) {
    this.images = List.copyOf(images);
    this.spareNumbers = spareNumbers;
    images.forEach(image -> byPid.put(image.pid(), image));
    descriptions = new Descriptions(images, mappedFiles);
  }

  /**
   * The plan.
   *
   * @throws Refusal when the processes cannot be made again
   */
  Plan plan(Namespace namespace) throws Refusal, IOException {
    List<TreeNode> tree =
        ProcessTree.of(images.stream().map(ProcessImage::content).toList(), spareNumbers);
    Map<TreeNode, Integer> indexes = new HashMap<>();
    for (TreeNode node : tree) {
      indexes.put(node, indexes.size());
    }
    List<PlanNode> nodes = new ArrayList<>();
    for (TreeNode node : tree) {
      TreeNode parent = node.parent;
      nodes.add(node(node, parent == null ? -1 : Objects.requireNonNull(indexes.get(parent))));
    }
    int firstFree = firstFree();
    checkOpenFiles(firstFree);
    ProcessFile.JobFacts job = images.get(0).content().process().job();
    int root = rootIndex(nodes, job.rootPid());
    return new Plan(
        root,
        firstFree,
        namespace,
        job.monotonicNs(),
        job.boottimeNs(),
        objects(),
        descriptions.list(),
        descriptions.data(),
        nodes);
  }

  private PlanNode node(TreeNode node, int parent) throws Refusal, IOException {
    Set<PlanNode.Flag> flags = flags(node);
    ProcessImage image = node.kind == TreeNode.Kind.PROCESS ? byPid.get(node.pid) : null;
    if (image == null) {
      return new PlanNode(
          node.pid,
          parent,
          node.pgid,
          flags,
          node.status,
          0,
          -1,
          -1,
          0,
          0,
          List.of(),
          ByteBuffer.allocate(0),
          List.of());
    }
    ProcessState process = image.content().process().process();
    int foreground = 0;
    int terminal = -1;
    if (node.leadsSession() && process.tty() != 0) {
      flags.add(PlanNode.Flag.TERMINAL);
      foreground = process.ttyPgrp();
      if (process.tty() != image.content().process().job().terminal()) {
        terminal = descriptions.terminal(process.tty());
      }
    }
    List<PlanPlace> places = descriptions.places(image);
    List<PlanArea> areas = new ArrayList<>();
    for (Area area : image.content().areas()) {
      areas.add(area(area));
    }
    return new PlanNode(
        node.pid,
        parent,
        node.pgid,
        flags,
        0,
        foreground,
        terminal,
        exe(process, image, areas),
        process.entry(),
        process.stack(),
        places,
        undo(image),
        areas);
  }

  /** The description that its program's code is mapped from: the program, or a copy of it. */
  private static int exe(ProcessState process, ProcessImage image, List<PlanArea> areas) {
    List<Area> all = image.content().areas();
    for (int n = 0; n < all.size(); n++) {
      if (all.get(n).path().equals(process.exe())) {
        return areas.get(n).description();
      }
    }
    return -1;
  }

  private static Set<PlanNode.Flag> flags(TreeNode node) {
    Set<PlanNode.Flag> flags = EnumSet.noneOf(PlanNode.Flag.class);
    if (node.leadsSession()) {
      flags.add(PlanNode.Flag.SETSID);
    }
    if (node.isEarly()) {
      flags.add(PlanNode.Flag.EARLY);
    }
    if (node.kind == TreeNode.Kind.ZOMBIE) {
      flags.add(PlanNode.Flag.ZOMBIE);
    }
    if (node.kind == TreeNode.Kind.HELPER) {
      flags.add(PlanNode.Flag.HELPER);
    }
    return flags;
  }

  /** The System V objects; each image lists all of the job. */
  private List<PlanIpc> objects() {
    return images.get(0).content().ipc().stream()
        .flatMap(object -> entries(StateFiles.entry(object)))
        .toList();
  }

  private Stream<PlanIpc> entries(String name) {
    return images.stream()
        .filter(image -> image.length(name) > 0)
        .map(image -> new PlanIpc(image.length(name), () -> image.stream(name)));
  }

  private static ByteBuffer undo(ProcessImage image) throws IOException {
    ByteArrayOutputStream undo = new ByteArrayOutputStream();
    for (IpcObject object : image.content().ipc()) {
      if (image.length(StateFiles.undo(object)) > 0) {
        try (InputStream entry = image.stream(StateFiles.undo(object))) {
          entry.transferTo(undo);
        }
      }
    }
    return ByteBuffer.wrap(undo.toByteArray());
  }

  private PlanArea area(Area area) throws Refusal {
    long offset = area.isSegment() ? area.file().inode() : area.offset();
    return new PlanArea(
        area.range(),
        offset,
        area.protection(),
        kind(area),
        descriptions.mapped(area),
        area.advice());
  }

  private static PlanArea.Kind kind(Area area) {
    return switch (area.kind()) {
      case ANONYMOUS, COPY -> PlanArea.Kind.ANONYMOUS;
      case STACK -> PlanArea.Kind.STACK;
      case FILE -> PlanArea.Kind.PRIVATE;
      case SHARED_FILE -> PlanArea.Kind.SHARED;
      case SHARED_OBJECT -> area.isSegment() ? PlanArea.Kind.SEGMENT : PlanArea.Kind.SHARED;
      case VDSO -> PlanArea.Kind.VDSO;
      case VVAR -> PlanArea.Kind.VVAR;
    };
  }

  /** All are open in the initial process, behind those that a process gets in the end. */
  private void checkOpenFiles(int firstFree) throws Refusal, IOException {
    int needed = firstFree + descriptions.list().size();
    long limit = OpenFiles.limit();
    if (needed > limit) {
      throw new Refusal(
          "a process may have %d files open, but the restart needs %d: raise the hard limit (ulimit -Hn)"
              .formatted(limit, needed));
    }
  }

  /** Above those of every process, and of the initial one, which holds both ends of each pipe. */
  private int firstFree() {
    long sockets =
        descriptions.list().stream()
            .filter(description -> description.kind() == PlanDescription.Kind.SOCKET)
            .count();
    int others = descriptions.list().size() - Math.toIntExact(sockets);
    int highest = OWN_DESCRIPTORS + 2 * others;
    for (ProcessImage image : images) {
      for (OpenDescriptor descriptor : image.content().descriptors()) {
        if (!descriptor.isUnderWay()) {
          highest = Math.max(highest, descriptor.fd());
        }
      }
    }
    return highest + 1;
  }

  private static int rootIndex(List<PlanNode> nodes, int pid) throws Refusal {
    for (int n = 0; n < nodes.size(); n++) {
      if (nodes.get(n).pid() == pid) {
        return n;
      }
    }
    throw new Refusal("the checkpoint lacks the job's root process " + pid);
  }
}
