// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.HashMap;
import java.util.Map;

/** Numbers for the files, pipes and shared memory objects of a plan. */
public final class ObjectNumbers {

  private final Map<FileId, Integer> numbers = new HashMap<>();

  /** The number of this one; always the same. */
  public int of(FileId id) {
    return numbers.computeIfAbsent(id, unused -> numbers.size() + 1);
  }
}
