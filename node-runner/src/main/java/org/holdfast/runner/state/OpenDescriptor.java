// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import com.fasterxml.jackson.annotation.JsonIgnore;
import org.holdfast.protocol.DescriptorState;

/**
 * A descriptor of a process, as {@code descriptors.json} lists it.
 *
 * @param fd its number; from {@link DescriptorState#HELD} on it is no descriptor of the process,
 *     but on its way in the queue of a socket
 * @param fdFlags FD_CLOEXEC
 * @param shared number of its open file description, the same in all images of a checkpoint
 * @param description what it refers to
 */
public record OpenDescriptor(int fd, int fdFlags, int shared, Description description) {

  /** Whether it is on its way in the queue of a socket. */
  @JsonIgnore
  public boolean isUnderWay() {
    return fd >= DescriptorState.HELD;
  }
}
