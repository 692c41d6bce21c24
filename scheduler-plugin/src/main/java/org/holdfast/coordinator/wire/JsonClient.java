// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.wire;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.holdfast.coordinator.wire.PeerException.Kind;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The asking end of a connection: JSON, one object a line, over a Unix socket (see {@code
 * docs/protocol.md}).
 *
 * <p>Safe for several threads; each request waits for its own answer. Progress callbacks run on the
 * thread that made the request, events on the connection's reading thread: an event callback must
 * not make a request on the same connection.
 */
public final class JsonClient implements AutoCloseable {

  private final String peer;
  private final SocketChannel channel;
  private final JsonMapper json = new JsonMapper();
  private final AtomicLong nextId = new AtomicLong(1);
  private final Map<Long, BlockingQueue<Message>> waiting = new ConcurrentHashMap<>();
  private final Object writing = new Object();

  private final Object callbacks = new Object();
  private final List<Consumer<JsonNode>> onEvent = new ArrayList<>();
  private final List<JsonNode> earlyEvents = new ArrayList<>();
  private final List<Runnable> onClose = new ArrayList<>();
  private boolean closed;

  private sealed interface Message {
    record Line(JsonNode node) implements Message {}

    record End() implements Message {}
  }

  private JsonClient(String peer, SocketChannel channel) {
    this.peer = peer;
    this.channel = channel;
  }

  /**
   * Connects to whoever listens on a socket.
   *
   * @param peer who that is, for messages: "the node runner of job 3"
   * @throws PeerException of kind {@link Kind#ABSENT} when nobody listens there
   */
  public static JsonClient connect(Path socket, String peer) throws PeerException {
    SocketChannel channel = null;
    try {
      channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException | IllegalArgumentException e) {
      if (channel != null) {
        closeQuietly(channel);
      }
      PeerException absent =
          new PeerException(Kind.ABSENT, "%s does not listen on %s".formatted(peer, socket));
      absent.initCause(e);
      throw absent;
    }
    JsonClient client = new JsonClient(peer, channel);
    Thread reader = new Thread(client::read, "answers of " + peer);
    reader.setDaemon(true);
    reader.start();
    return client;
  }

  /**
   * Makes one request and waits for its answer.
   *
   * @param op the operation's name
   * @param fields its further fields, values that Jackson can write
   * @param timeout how long to wait for the answer since the last sign of progress
   * @param progress gets each {@code progress} object of this request
   * @return the answer, whose {@code ok} is true
   * @throws PeerException when the runner refuses, goes away or does not answer in time
   */
  public JsonNode call(
      String op, Map<String, Object> fields, Duration timeout, Consumer<JsonNode> progress)
      throws PeerException {
    long id = nextId.getAndIncrement();
    BlockingQueue<Message> answers = new LinkedBlockingQueue<>();
    waiting.put(id, answers);
    try {
      send(id, op, fields);
      return await(op, answers, timeout, progress);
    } finally {
      waiting.remove(id);
    }
  }

  /** As {@link #call(String, Map, Duration, Consumer)}, without progress. */
  public JsonNode call(String op, Map<String, Object> fields, Duration timeout)
      throws PeerException {
    return call(op, fields, timeout, progress -> {});
  }

  /** Adds a callback for events; the first one also gets the events that came before it. */
  public void onEvent(Consumer<JsonNode> callback) {
    synchronized (callbacks) {
      onEvent.add(callback);
      earlyEvents.forEach(callback);
      earlyEvents.clear();
    }
  }

  /** Adds a callback for the end of the connection; runs at once if it has ended already. */
  public void onClose(Runnable callback) {
    synchronized (callbacks) {
      if (!closed) {
        onClose.add(callback);
        return;
      }
    }
    callback.run();
  }

  /** Ends the connection; requests that wait for an answer fail. */
  @Override
  public void close() {
    closeQuietly(channel);
  }

  private void send(long id, String op, Map<String, Object> fields) throws PeerException {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("id", id);
    request.put("op", op);
    request.putAll(fields);
    ByteBuffer line =
        ByteBuffer.wrap((json.writeValueAsString(request) + "\n").getBytes(StandardCharsets.UTF_8));
    synchronized (callbacks) {
      if (closed) {
        throw gone(op);
      }
    }
    try {
      synchronized (writing) {
        while (line.hasRemaining()) {
          channel.write(line);
        }
      }
    } catch (IOException e) {
      throw gone(op);
    }
  }

  private JsonNode await(
      String op, BlockingQueue<Message> answers, Duration timeout, Consumer<JsonNode> progress)
      throws PeerException {
    while (true) {
      Message message;
      try {
        message = answers.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PeerException(Kind.CLOSED, "interrupted while %s did '%s'".formatted(peer, op));
      }
      if (message == null) {
        throw new PeerException(
            Kind.TIMEOUT,
            "%s did not answer '%s' within %d s".formatted(peer, op, timeout.toSeconds()));
      }
      if (!(message instanceof Message.Line line)) {
        throw gone(op);
      }
      JsonNode node = line.node();
      if (node.has("progress")) {
        progress.accept(node.get("progress"));
      } else if (node.path("ok").asBoolean(false)) {
        return node;
      } else {
        throw new PeerException(
            Kind.REFUSED,
            node.path("error").asString("%s refused '%s'".formatted(peer, op)),
            node.path("code").asString(""));
      }
    }
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        dispatch(json.readTree(line));
      }
    } catch (IOException | JacksonException e) {
      // A connection that ends, or sends what is not JSON, is over either way.
    } finally {
      end();
    }
  }

  private void dispatch(JsonNode node) {
    if (node.has("event")) {
      synchronized (callbacks) {
        if (onEvent.isEmpty()) {
          earlyEvents.add(node);
        } else {
          onEvent.forEach(callback -> callback.accept(node));
        }
      }
      return;
    }
    BlockingQueue<Message> answers = waiting.get(node.path("id").asLong(0));
    if (answers != null) {
      answers.add(new Message.Line(node));
    }
  }

  private void end() {
    List<Runnable> toRun;
    synchronized (callbacks) {
      closed = true;
      toRun = List.copyOf(onClose);
      onClose.clear();
    }
    closeQuietly(channel);
    waiting.values().forEach(answers -> answers.add(new Message.End()));
    toRun.forEach(Runnable::run);
  }

  private PeerException gone(String op) {
    return new PeerException(Kind.CLOSED, "%s went away during '%s'".formatted(peer, op));
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing is written through this end any more: nothing can be lost.
    }
  }
}
