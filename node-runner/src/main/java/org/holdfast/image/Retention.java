// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Which checkpoints may go. */
final class Retention {

  private final int keep;

  /** Keeps the newest {@code keep} whole checkpoints, at least 1. */
  Retention(int keep) {
    Check.that(keep >= 1, "cannot keep fewer than one checkpoint: " + keep);
    this.keep = keep;
  }

  /**
   * All but: the newest whole ones, what they build on, and everything newer than the oldest of
   * them. None when there are not that many whole ones.
   *
   * @return ascending
   */
  List<Integer> expendable(List<StoredEpoch> epochs, Predicate<Manifest> whole) {
    TreeMap<Integer, Manifest> readable = new TreeMap<>();
    for (StoredEpoch epoch : epochs) {
      if (epoch instanceof StoredEpoch.Readable found) {
        readable.put(found.epoch(), found.manifest());
      }
    }
    List<Manifest> newest =
        readable.descendingMap().values().stream().filter(whole).limit(keep).toList();
    if (newest.size() < keep) {
      return List.of();
    }
    int oldest = newest.get(keep - 1).epoch();
    Set<Integer> needed = new HashSet<>();
    newest.forEach(manifest -> addAncestors(manifest, readable, needed));
    return epochs.stream()
        .map(StoredEpoch::epoch)
        .filter(epoch -> epoch < oldest && !needed.contains(epoch))
        .sorted(Comparator.naturalOrder())
        .toList();
  }

  private static void addAncestors(
      Manifest manifest, Map<Integer, Manifest> readable, Set<Integer> needed) {
    Manifest ancestor = manifest;
    while (ancestor != null && ancestor.incremental() && needed.add(ancestor.parent())) {
      ancestor = readable.get(ancestor.parent());
    }
  }
}
