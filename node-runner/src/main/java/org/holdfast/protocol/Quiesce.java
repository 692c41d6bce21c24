// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

/**
 * {@code struct hf_quiesce}.
 *
 * @param timeoutMs refuse if some thread is not at the barrier by then
 * @param holdMs release itself when it heard nothing for so long; 0: only when the runner is gone
 */
public record Quiesce(int timeoutMs, int holdMs) {

  /** The message that asks for it. */
  public Message message(int epoch) {
    return new Message(
        MessageType.QUIESCE, epoch, Message.buffer(8).putInt(timeoutMs).putInt(holdMs).flip());
  }
}
