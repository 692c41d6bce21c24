// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.peer;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.holdfast.protocol.Hello;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageType;
import org.holdfast.protocol.ProtocolException;
import org.jspecify.annotations.Nullable;

/**
 * Listens on {@code job.sock}: one thread for all connections, for a job may have hundreds of
 * processes, and at a checkpoint twice as many connections.
 */
public final class PeerServer implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(PeerServer.class.getName());
  private static final int BUFFER = 256 << 10;
  private static final int BACKLOG = 1024;

  private final Selector selector;
  private final ServerSocketChannel server;
  private final SameUser sameUser;
  private final PeerListener listener;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);

  private PeerServer(
      Selector selector, ServerSocketChannel server, SameUser sameUser, PeerListener listener) {
    this.selector = selector;
    this.server = server;
    this.sameUser = sameUser;
    this.listener = listener;
  }

  /** Listens on {@code socket}, which must not exist. */
  public static PeerServer open(Path socket, SameUser sameUser, PeerListener listener)
      throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    Selector selector = Selector.open();
    server.bind(UnixDomainSocketAddress.of(socket), BACKLOG);
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
    PeerServer peerServer = new PeerServer(selector, server, sameUser, listener);
    Thread thread = new Thread(peerServer::run, "job.sock");
    thread.setDaemon(true);
    thread.start();
    return peerServer;
  }

  @Override
  public void close() throws IOException {
    selector.close();
    server.close();
  }

  private void run() {
    try {
      while (selector.isOpen()) {
        selector.select(this::ready);
      }
    } catch (ClosedSelectorException e) {
      // Closed by close().
    } catch (IOException e) {
      LOG.log(Level.SEVERE, "cannot listen on job.sock any more", e);
    }
  }

  private void ready(SelectionKey key) {
    if (key.attachment() instanceof Connection connection) {
      serve(key, connection);
    } else {
      accept();
    }
  }

  private void accept() {
    try {
      SocketChannel channel = server.accept();
      if (channel == null) {
        return;
      }
      if (!sameUser.is(channel)) {
        LOG.warning("a process of another user connected to job.sock: refused");
        channel.close();
        return;
      }
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
      key.attach(new Connection(channel, key));
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot accept a connection on job.sock", e);
    }
  }

  private void serve(SelectionKey key, Connection connection) {
    try {
      if (key.isWritable()) {
        connection.flush();
      }
      if (key.isReadable()) {
        read((SocketChannel) key.channel(), connection);
      }
    } catch (ProtocolException e) {
      LOG.warning("a connection to job.sock is refused: " + e.getMessage());
      connection.send(Message.text(MessageType.REFUSED, 0, e.reason()));
      end(connection);
    } catch (IOException | CancelledKeyException e) {
      end(connection);
    } catch (RuntimeException | OutOfMemoryError e) {
      LOG.log(Level.SEVERE, "cannot handle a message", e);
      end(connection);
    }
  }

  private void read(SocketChannel channel, Connection connection) throws IOException {
    buffer.clear();
    int count = channel.read(buffer);
    if (count < 0) {
      throw new ClosedChannelException();
    }
    buffer.flip();
    for (Message message = connection.decoder().decode(buffer);
        message != null;
        message = connection.decoder().decode(buffer)) {
      deliver(connection, message);
    }
  }

  private void deliver(Connection connection, Message message) throws ProtocolException {
    @Nullable Peer peer = connection.peer();
    if (peer == null) {
      Peer hello = new Peer(Hello.read(message), connection);
      connection.identify(hello);
      listener.connected(hello);
    } else {
      listener.received(peer, message);
    }
  }

  private void end(Connection connection) {
    connection.close();
    @Nullable Peer peer = connection.peer();
    if (peer != null) {
      listener.closed(peer);
    }
  }
}
