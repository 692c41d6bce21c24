// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.operation;

/**
 * How far an operation is.
 *
 * @param phase what it is at: prepare, freeze, write, commit, verify, ...
 * @param bytes done in this phase
 * @param total to be done in this phase, 0: not known
 */
public record Progress(String phase, long bytes, long total) {
  /** The beginning of a phase. */
  public static Progress at(String phase) {
    return new Progress(phase, 0, 0);
  }
}
