// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

/**
 * {@code struct hf_signal}.
 *
 * @param number of the signal
 */
public record Signal(int number) {

  /** The message that asks the initial process to send it. */
  public Message message() {
    return new Message(MessageType.SIGNAL, 0, Message.buffer(8).putInt(number).putInt(0).flip());
  }
}
