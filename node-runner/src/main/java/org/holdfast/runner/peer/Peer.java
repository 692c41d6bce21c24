// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.peer;

import org.holdfast.protocol.Hello;
import org.holdfast.protocol.Message;

/** A process of the C side that said hello; equal only to itself. */
public final class Peer {

  private final Hello hello;
  private final PeerLink link;

  /**
   * @param hello what it said
   * @param link the way to it
   */
  public Peer(Hello hello, PeerLink link) {
    this.hello = hello;
    this.link = link;
  }

  /** What it said. */
  public Hello hello() {
    return hello;
  }

  /** Its process number as the job sees it. */
  public int pid() {
    return hello.pid();
  }

  /** Sends it a message. */
  public void send(Message message) {
    link.send(message);
  }

  /** Ends the connection. */
  public void close() {
    link.close();
  }
}
