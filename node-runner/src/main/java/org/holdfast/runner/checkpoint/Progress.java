// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

/** Is told how far an operation is. */
public interface Progress {

  /**
   * So many bytes are done of so many that are known of.
   *
   * @param bytes done
   * @param total known of so far
   */
  void at(long bytes, long total);
}
