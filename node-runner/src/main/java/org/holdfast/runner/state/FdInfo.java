// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.Optional;

/** Fields of {@code /proc/PID/fdinfo/FD}: {@code name: value} lines. */
final class FdInfo {

  private FdInfo() {}

  /** The value of the first line that begins with {@code name:}. */
  static Optional<String> field(String info, String name) {
    String prefix = name + ":";
    int start = info.startsWith(prefix) ? 0 : info.indexOf("\n" + prefix) + 1;
    if (start == 0 && !info.startsWith(prefix)) {
      return Optional.empty();
    }
    int end = info.indexOf('\n', start);
    return Optional.of(
        info.substring(start + prefix.length(), end < 0 ? info.length() : end).strip());
  }
}
