// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.util.Collection;

/** {@code enum hf_advice}: what an area is beside its protection. */
public enum Advice {
  LOCKED(1, "lo"),
  /** With {@link #LOCKED}: pages are locked when they are touched. */
  LOCKED_ON_FAULT(2, "lf"),
  DONTFORK(4, "dc"),
  WIPEONFORK(8, "wf"),
  HUGEPAGE(16, "hg"),
  NOHUGEPAGE(32, "nh"),
  DONTDUMP(64, "dd"),
  MERGEABLE(128, "mg"),
  RANDOM(256, "rr"),
  SEQUENTIAL(512, "sr");

  private final int bit;
  private final String flag;

  Advice(int bit, String flag) {
    this.bit = bit;
    this.flag = flag;
  }

  /** Its name among the VmFlags of {@code /proc/PID/smaps}; see proc(5). */
  public String flag() {
    return flag;
  }

  boolean isIn(int bits) {
    return (bits & bit) != 0;
  }

  static int bits(Collection<Advice> advice) {
    return advice.stream().mapToInt(one -> one.bit).sum();
  }
}
