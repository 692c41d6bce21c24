// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

/** Memory that is to be stored cannot be read: the process or its snapshot is gone. */
public final class MemoryUnreadable extends StoreException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param pid the process's number as the job sees it
   * @param address where reading failed
   * @param reason why, without a full stop
   */
  public MemoryUnreadable(int pid, long address, String reason) {
    super("cannot read memory of process %d at 0x%x: %s".formatted(pid, address, reason));
  }
}
