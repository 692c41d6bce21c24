// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

/**
 * {@code struct hf_quiesce}.
 *
 * @param timeoutMs refuse if some thread is not at the barrier by then
 * @param holdMs release itself when it heard nothing for so long; 0: only when the runner is gone
 * @param byDriver whether the kernel driver has stopped its threads already
 */
public record Quiesce(int timeoutMs, int holdMs, boolean byDriver) {

  private static final int BY_DRIVER = 1;

  /** The same for a process that the kernel driver has stopped, or not. */
  public Quiesce with(boolean stopped) {
    return new Quiesce(timeoutMs, holdMs, stopped);
  }

  /** The message that asks for it. */
  public Message message(int epoch) {
    return new Message(
        MessageType.QUIESCE,
        epoch,
        Message.buffer(16)
            .putInt(timeoutMs)
            .putInt(holdMs)
            .putInt(byDriver ? BY_DRIVER : 0)
            .putInt(0)
            .flip());
  }
}
