// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

/**
 * Which file, pipe or shared memory object it is.
 *
 * @param device {@code st_dev}
 * @param inode {@code st_ino}
 */
public record FileId(long device, long inode) {

  @Override
  public String toString() {
    return device + "-" + inode;
  }
}
