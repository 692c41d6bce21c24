// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.util.List;

/**
 * What a restart makes: {@code HF_PLAN}.
 *
 * @param root index of the job's root among the nodes
 * @param firstFree a number above every descriptor of every process
 * @param namespace whose process numbers to use
 * @param monotonicNs the job's CLOCK_MONOTONIC when it was stopped
 * @param boottimeNs the job's CLOCK_BOOTTIME when it was stopped
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
    List<PlanDescription> descriptions,
    List<PlanData> data,
    List<PlanNode> nodes) {

  /** Copies. */
  public Plan {
    descriptions = List.copyOf(descriptions);
    data = List.copyOf(data);
    nodes = List.copyOf(nodes);
  }

  /** The same plan with the process numbers of another name space. */
  public Plan in(Namespace other) {
    return new Plan(root, firstFree, other, monotonicNs, boottimeNs, descriptions, data, nodes);
  }

  /** The message that gives it to the initial process. */
  public Message message() {
    RecordWriter records = new RecordWriter();
    records.add(
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
    descriptions.forEach(description -> description.write(records));
    data.forEach(content -> content.write(records));
    nodes.forEach(node -> node.write(records));
    return records.message(MessageType.PLAN, 0);
  }
}
