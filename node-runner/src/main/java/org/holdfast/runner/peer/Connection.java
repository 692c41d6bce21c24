// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.peer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageDecoder;
import org.jspecify.annotations.Nullable;

/** A connection of the C side. Sending is safe for several threads and never blocks. */
final class Connection implements PeerLink {

  private final SocketChannel channel;
  private final SelectionKey key;
  private final MessageDecoder decoder = new MessageDecoder();
  private final Deque<ByteBuffer> unsent = new ArrayDeque<>();
  private @Nullable Peer peer;

  Connection(SocketChannel channel, SelectionKey key) {
    this.channel = channel;
    this.key = key;
  }

  MessageDecoder decoder() {
    return decoder;
  }

  /** Who said hello on it; for the server's thread. */
  @Nullable Peer peer() {
    return peer;
  }

  void identify(Peer who) {
    peer = who;
  }

  /** Sends what the socket takes at once; the server's thread sends the rest. */
  @Override
  public void send(Message message) {
    synchronized (unsent) {
      unsent.add(message.header());
      if (message.payload().hasRemaining()) {
        unsent.add(message.body());
      }
      try {
        flush();
      } catch (IOException | CancelledKeyException e) {
        // The server's thread finds the connection closed, and tells.
        unsent.clear();
      }
    }
  }

  /** Sends what waits, as far as the socket takes it. */
  void flush() throws IOException {
    synchronized (unsent) {
      if (unsent.isEmpty()) {
        return;
      }
      channel.write(unsent.toArray(ByteBuffer[]::new));
      while (!unsent.isEmpty() && !unsent.element().hasRemaining()) {
        unsent.remove();
      }
      int wanted = SelectionKey.OP_READ | (unsent.isEmpty() ? 0 : SelectionKey.OP_WRITE);
      if (key.interestOps() != wanted) {
        key.interestOps(wanted);
        key.selector().wakeup();
      }
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing that was sent can be lost by it any more.
    }
    // The descriptor is closed by the selecting thread.
    key.selector().wakeup();
  }
}
