// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/**
 * What a restart makes: {@code HF_PLAN}.
 *
 * @param root index of the job's root among the nodes
 * @param firstFree a number above every descriptor of every process
 * @param namespace whose process numbers to use
 * @param monotonicNs the job's CLOCK_MONOTONIC when it was stopped
 * @param boottimeNs the job's CLOCK_BOOTTIME when it was stopped
 * @param ipc the System V objects
 * @param descriptions the open file descriptions
 * @param data content of descriptions
 * @param nodes the processes, parents before children
 */
public record Plan(
    int root,
    int firstFree,
    Namespace namespace,
    long monotonicNs,
    long boottimeNs,
    List<PlanIpc> ipc,
    List<PlanDescription> descriptions,
    List<PlanData> data,
    List<PlanNode> nodes) {

  /** Copies. */
  public Plan {
    ipc = List.copyOf(ipc);
    descriptions = List.copyOf(descriptions);
    data = List.copyOf(data);
    nodes = List.copyOf(nodes);
  }

  /**
   * The message that gives it to the initial process.
   *
   * @param scratch a file that is made, holds the payload, and is removed: content may be large
   */
  public Message message(Path scratch) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            scratch,
            Set.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      write(file);
      return new Message(
          MessageType.PLAN, 0, file.map(FileChannel.MapMode.READ_ONLY, 0, file.size()));
    } finally {
      Files.deleteIfExists(scratch);
    }
  }

  private void write(FileChannel file) throws IOException {
    RecordWriter head = new RecordWriter();
    head.add(
        RecordType.PLAN,
        40,
        to ->
            to.putInt(descriptions.size())
                .putInt(nodes.size())
                .putInt(root)
                .putInt(firstFree)
                .putInt(namespace.code())
                .putInt(0)
                .putLong(monotonicNs)
                .putLong(boottimeNs));
    descriptions.forEach(description -> description.write(head));
    PlanData.writeAll(file, head.payload());
    for (PlanIpc object : ipc) {
      object.write(file);
    }
    for (PlanData content : data) {
      content.write(file);
    }
    RecordWriter tree = new RecordWriter();
    nodes.forEach(node -> node.write(tree));
    PlanData.writeAll(file, tree.payload());
  }
}
