// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

/** Names processes in messages for the user. */
interface ProcessNamer {

  /** "process 12 (name)". */
  String name(int pid);
}
