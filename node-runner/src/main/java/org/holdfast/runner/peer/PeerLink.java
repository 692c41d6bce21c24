// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.peer;

import org.holdfast.protocol.Message;

/** A way to a process of the C side. */
public interface PeerLink {

  /** Sends a message; does not block. What cannot be sent shows as the end of the connection. */
  void send(Message message);

  /** Ends the connection. */
  void close();
}
