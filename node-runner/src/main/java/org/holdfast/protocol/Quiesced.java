// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * A process has stopped.
 *
 * @param children its children then
 */
public record Quiesced(List<ChildState> children) {

  /** Copies. */
  public Quiesced {
    children = List.copyOf(children);
  }

  /** The message that tells it. */
  public Message message(int epoch) {
    RecordWriter records = new RecordWriter();
    children.forEach(child -> child.write(records));
    return records.message(MessageType.QUIESCED, epoch);
  }

  /** Reads it from a message of type {@link MessageType#QUIESCED}. */
  public static Quiesced read(Message message) throws ProtocolException {
    List<ChildState> children = new ArrayList<>();
    RecordReader records = new RecordReader(message);
    while (records.next()) {
      if (records.type() != RecordType.CHILD) {
        throw new ProtocolException("a record of type " + records.type() + " is not expected");
      }
      children.add(ChildState.read(records));
    }
    return new Quiesced(children);
  }
}
