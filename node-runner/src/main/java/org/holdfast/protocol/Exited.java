// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

/**
 * {@code struct hf_exited}.
 *
 * @param status how the root process ended, as wait(2) gives it
 */
public record Exited(int status) {

  /** Reads it from a message of type {@link MessageType#EXITED}. */
  public static Exited read(Message message) throws ProtocolException {
    return new Exited(Payload.of(message, MessageType.EXITED, 8).getInt());
  }
}
