// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.Gathered;
import org.holdfast.runner.state.Description;
import org.holdfast.runner.state.OpenDescriptor;
import org.holdfast.runner.state.Recognition;
import org.holdfast.runner.state.Refusal;

/** Which descriptors the processes have, and which of them share an open file description. */
final class DescriptorTable {

  /** What descriptors that share a description have in common, as far as can be seen. */
  private record Looks(
      long dev, long ino, long rdev, int flags, long pos, String link, Class<?> kind) {}

  private final Recognition recognition;
  private final Sharing sharing;

  DescriptorTable(Recognition recognition, Sharing sharing) {
    this.recognition = recognition;
    this.sharing = sharing;
  }

  /**
   * The descriptors of each process, ascending.
   *
   * @param processes by number
   * @param namer names a process in a refusal
   * @throws Refusal when one cannot be restored
   */
  Map<Integer, List<OpenDescriptor>> build(Map<Integer, Gathered> processes, ProcessNamer namer)
      throws Refusal, InterruptedException {
    Map<Holder, Description> descriptions = new LinkedHashMap<>();
    Map<Holder, DescriptorState> states = new HashMap<>();
    Map<Looks, List<Holder>> groups = new LinkedHashMap<>();
    for (Gathered process : processes.values()) {
      int pid = process.process().pid();
      for (DescriptorState state : process.descriptors()) {
        Description description = recognise(pid, state, namer);
        Holder holder = new Holder(pid, state.fd());
        descriptions.put(holder, description);
        states.put(holder, state);
        groups.computeIfAbsent(looks(state, description), looks -> new ArrayList<>()).add(holder);
      }
    }
    return table(descriptions, states, number(groups, descriptions));
  }

  private Description recognise(int pid, DescriptorState state, ProcessNamer namer) throws Refusal {
    try {
      return recognition.recognise(state);
    } catch (Refusal e) {
      throw new Refusal(namer.name(pid) + ": " + e.reason());
    }
  }

  private static Looks looks(DescriptorState fd, Description description) {
    return new Looks(
        fd.dev(), fd.ino(), fd.rdev(), fd.flags(), fd.pos(), fd.link(), description.getClass());
  }

  private Map<Holder, Integer> number(
      Map<Looks, List<Holder>> groups, Map<Holder, Description> descriptions)
      throws Refusal, InterruptedException {
    List<List<Holder>> known = new ArrayList<>();
    List<List<Holder>> alike = new ArrayList<>();
    for (List<Holder> group : groups.values()) {
      Description description = Objects.requireNonNull(descriptions.get(group.get(0)));
      (group.size() > 1 && description.shareable() ? alike : known).add(group);
    }
    known.addAll(sharing.split(alike));
    Map<Holder, Integer> numbers = new HashMap<>();
    for (int n = 0; n < known.size(); n++) {
      for (Holder holder : known.get(n)) {
        numbers.put(holder, n + 1);
      }
    }
    return numbers;
  }

  private static Map<Integer, List<OpenDescriptor>> table(
      Map<Holder, Description> descriptions,
      Map<Holder, DescriptorState> states,
      Map<Holder, Integer> numbers) {
    Map<Integer, List<OpenDescriptor>> table = new TreeMap<>();
    descriptions.forEach(
        (holder, description) ->
            table
                .computeIfAbsent(holder.pid(), pid -> new ArrayList<>())
                .add(
                    new OpenDescriptor(
                        holder.fd(),
                        Objects.requireNonNull(states.get(holder)).fdFlags(),
                        Objects.requireNonNull(numbers.get(holder)),
                        description)));
    return table;
  }
}
