// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.wire;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;
import org.holdfast.failure.Failure;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The answering end: listens on a Unix socket, takes one request at a time from each connection,
 * and only from processes of the user that it runs as.
 */
public final class JsonServer implements AutoCloseable {

  /** Answers requests; called on a thread of the connection that asked. */
  public interface Handler {
    /**
     * Does what was asked.
     *
     * @param progress takes the fields of a progress object
     * @return the fields of the answer
     * @throws Failure for an answer that is not ok
     */
    Map<String, Object> answer(String op, JsonNode request, Consumer<Map<String, Object>> progress);
  }

  private final Path socket;
  private final Handler handler;
  private final ServerSocketChannel listener;
  private final String user;
  private final JsonMapper json = new JsonMapper();
  private final Phaser underWay = new Phaser(1);

  private JsonServer(Path socket, Handler handler, ServerSocketChannel listener)
      throws IOException {
    this.socket = socket;
    this.handler = handler;
    this.listener = listener;
    this.user = Files.getOwner(socket).getName();
  }

  /**
   * Listens on a socket; a file that a dead listener left there is replaced.
   *
   * @throws IOException when it cannot be made
   */
  public static JsonServer listen(Path socket, Handler handler) throws IOException {
    Files.deleteIfExists(socket);
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.bind(UnixDomainSocketAddress.of(socket));
      JsonServer server = new JsonServer(socket, handler, listener);
      daemon(server::accept, "listener on " + socket.getFileName());
      return server;
    } catch (IOException | RuntimeException e) {
      listener.close();
      throw e;
    }
  }

  /** Takes no further connections, and waits until requests under way are answered. */
  @Override
  public void close() throws IOException {
    listener.close();
    Files.deleteIfExists(socket);
    underWay.arriveAndAwaitAdvance();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel connection = listener.accept();
        daemon(() -> serve(connection), "requests on " + socket.getFileName());
      }
    } catch (IOException e) {
      // Closed: nobody is to be served any more.
    }
  }

  private void serve(SocketChannel connection) {
    try (connection) {
      if (!connection.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName().equals(user)) {
        return;
      }
      BufferedReader lines =
          new BufferedReader(Channels.newReader(connection, StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        underWay.register();
        try {
          answer(connection, json.readTree(line));
        } finally {
          underWay.arriveAndDeregister();
        }
      }
    } catch (IOException | JacksonException e) {
      // Whoever asked is gone, or does not speak JSON: either way nobody waits for an answer.
    }
  }

  /**
   * The work is done on a thread of its own, so that one who asks and then does not read (a stopped
   * process) never holds it up: of the progress it gets the latest, at most ten times a second.
   */
  private void answer(SocketChannel connection, JsonNode request) throws IOException {
    long id = request.path("id").asLong(0);
    AtomicReference<@Nullable Map<String, Object>> latest = new AtomicReference<>();
    FutureTask<Map<String, Object>> work = new FutureTask<>(() -> outcome(request, latest::set));
    daemon(work, "work for " + socket.getFileName());
    while (true) {
      try {
        send(connection, work.get(100, TimeUnit.MILLISECONDS));
        return;
      } catch (TimeoutException e) {
        Map<String, Object> progress = latest.getAndSet(null);
        if (progress != null) {
          send(connection, Map.of("id", id, "progress", progress));
        }
      } catch (ExecutionException | InterruptedException e) {
        throw new IOException(e);
      }
    }
  }

  private Map<String, Object> outcome(JsonNode request, Consumer<Map<String, Object>> progress) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("id", request.path("id").asLong(0));
    try {
      Map<String, Object> fields =
          handler.answer(request.path("op").asString(""), request, progress);
      answer.put("ok", true);
      answer.putAll(fields);
    } catch (Failure e) {
      answer.put("ok", false);
      answer.put("error", e.line());
      answer.put("code", e.code().name());
    }
    return answer;
  }

  private void send(SocketChannel connection, Map<String, Object> message) throws IOException {
    byte[] line = (json.writeValueAsString(message) + "\n").getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.wrap(line);
    while (bytes.hasRemaining()) {
      connection.write(bytes);
    }
  }

  private static void daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
