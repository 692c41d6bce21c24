// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.peer;

import org.holdfast.protocol.Message;
import org.holdfast.protocol.ProtocolException;

/** Gets what the C side says; called by one thread. */
public interface PeerListener {

  /** A process connected. */
  void connected(Peer peer) throws ProtocolException;

  /** A process sent a message. */
  void received(Peer peer, Message message) throws ProtocolException;

  /** A process's connection ended. */
  void closed(Peer peer);
}
