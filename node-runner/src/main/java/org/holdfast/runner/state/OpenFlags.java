// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

/** Status flags and access modes of open(2), as x86-64 numbers them. */
final class OpenFlags {
  static final int ACCESS_MODE = 3;
  static final int READ_ONLY = 0;
  static final int WRITE_ONLY = 1;
  static final int ASYNC = 020000;

  private OpenFlags() {}

  static boolean writable(int flags) {
    return (flags & ACCESS_MODE) != READ_ONLY;
  }
}
