// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.holdfast.protocol.Gathered;
import org.holdfast.protocol.SocketState;

/** The listeners of a job in which connections wait that nobody can look into. */
final class Waiting {

  /** Who has each of them, by inode. */
  private final Map<Long, Set<Integer>> holders = new HashMap<>();

  private Waiting() {}

  /**
   * Looks for them.
   *
   * @param states of all processes, by number
   */
  static Waiting in(Map<Integer, Gathered> states) {
    Waiting waiting = new Waiting();
    states.forEach(
        (pid, state) ->
            state.descriptors().stream()
                .flatMap(descriptor -> descriptor.socket().stream())
                .filter(SocketState::keepsWaiting)
                .forEach(listener -> waiting.holdersOf(listener).add(pid)));
    return waiting;
  }

  private Set<Integer> holdersOf(SocketState listener) {
    return holders.computeIfAbsent(listener.inode(), unused -> new HashSet<>());
  }

  boolean isPresent() {
    return !holders.isEmpty();
  }

  /** The processes that share none of them: what one accepts for itself no other will ask for. */
  Set<Integer> acceptable() {
    Set<Integer> alone = new HashSet<>();
    holders.values().forEach(alone::addAll);
    holders.values().stream().filter(pids -> pids.size() > 1).forEach(alone::removeAll);
    return alone;
  }
}
