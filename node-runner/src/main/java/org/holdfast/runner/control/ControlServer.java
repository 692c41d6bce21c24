// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.control;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.holdfast.runner.peer.SameUser;
import tools.jackson.databind.json.JsonMapper;

/** Listens on {@code control.sock}: a thread for each connection, for there are few. */
public final class ControlServer {

  private static final Logger LOG = Logger.getLogger(ControlServer.class.getName());

  private final ServerSocketChannel server;
  private final SameUser sameUser;
  private final Operations operations;
  private final JsonMapper json = new JsonMapper();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final Set<ControlClient> clients = ConcurrentHashMap.newKeySet();

  private ControlServer(ServerSocketChannel server, SameUser sameUser, Operations operations) {
    this.server = server;
    this.sameUser = sameUser;
    this.operations = operations;
  }

  /** Listens on {@code socket}, which must not exist. */
  public static ControlServer open(Path socket, SameUser sameUser, Operations operations)
      throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    channel.bind(UnixDomainSocketAddress.of(socket));
    ControlServer server = new ControlServer(channel, sameUser, operations);
    start(server::accept, "control.sock");
    return server;
  }

  /** Ends when the requests that are under way are answered, or after {@code seconds}. */
  public void close(int seconds) throws IOException, InterruptedException {
    server.close();
    executor.shutdown();
    if (!executor.awaitTermination(seconds, TimeUnit.SECONDS)) {
      executor.shutdownNow();
    }
    clients.forEach(ControlClient::close);
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel channel = server.accept();
        if (sameUser.is(channel)) {
          ControlClient client = new ControlClient(channel, json);
          clients.add(client);
          start(() -> serve(client), "control");
        } else {
          LOG.warning("a process of another user connected to control.sock: refused");
          channel.close();
        }
      }
    } catch (ClosedChannelException e) {
      LOG.log(Level.FINE, "control.sock is closed", e);
    } catch (IOException e) {
      LOG.log(Level.SEVERE, "cannot listen on control.sock any more", e);
    }
  }

  private void serve(ControlClient client) {
    client.serve(operations, executor);
    clients.remove(client);
  }

  private static void start(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }
}
