// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

/**
 * {@code struct hf_node}: a process to be made, with its descriptors and areas.
 *
 * @param pid its number
 * @param parent index of its parent's node, -1: the initial process
 * @param pgid its group, 0: its parent's
 * @param flags what else it is
 * @param status how a {@link Flag#ZOMBIE} ended, as wait(2) gives it
 * @param ttyPgrp foreground group of the terminal that a {@link Flag#TERMINAL} takes
 * @param tty index of the description of its controlling terminal, -1: the job\'s terminal
 * @param exe index of the description of the program that it runs, -1: unknown
 * @param entry where it goes on
 * @param stack the stack pointer to use there
 * @param places its descriptors
 * @param undo what is undone in semaphores when it ends: {@code struct hf_undo[]}
 * @param areas its memory, ascending
 */
public record PlanNode(
    int pid,
    int parent,
    int pgid,
    Set<Flag> flags,
    int status,
    int ttyPgrp,
    int tty,
    int exe,
    long entry,
    long stack,
    List<PlanPlace> places,
    ByteBuffer undo,
    List<PlanArea> areas) {

  /** {@code HF_NODE_*}. */
  public enum Flag {
    /** Becomes a session leader, before its children without {@link #EARLY} are made. */
    SETSID(1),
    /** Is made before its parent becomes a session leader. */
    EARLY(2),
    /** Ends at once with its status and is left for its parent. */
    ZOMBIE(4),
    /** Ends when the tree stands. */
    HELPER(8),
    /** Takes {@link #tty} as controlling terminal. */
    TERMINAL(16);

    private final int bit;

    Flag(int bit) {
      this.bit = bit;
    }
  }

  /** Copies. */
  public PlanNode {
    flags = Set.copyOf(flags);
    places = List.copyOf(places);
    areas = List.copyOf(areas);
  }

  void write(RecordWriter records) {
    records.add(
        RecordType.NODE,
        48,
        to ->
            to.putInt(pid)
                .putInt(parent)
                .putInt(pgid)
                .putInt(flags.stream().mapToInt(flag -> flag.bit).sum())
                .putInt(status)
                .putInt(ttyPgrp)
                .putInt(tty)
                .putInt(exe)
                .putLong(entry)
                .putLong(stack));
    places.forEach(place -> place.write(records));
    if (undo.hasRemaining()) {
      records.add(RecordType.UNDO, undo.remaining(), to -> to.put(undo.duplicate()));
    }
    areas.forEach(area -> area.write(records));
  }
}
