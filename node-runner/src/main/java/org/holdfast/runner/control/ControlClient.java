// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.holdfast.runner.state.Reason;
import org.holdfast.runner.state.Refusal;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A connection of {@code control.sock}. */
final class ControlClient {

  private static final Logger LOG = Logger.getLogger(ControlClient.class.getName());

  private final SocketChannel channel;
  private final JsonMapper json;
  private final Object writing = new Object();

  ControlClient(SocketChannel channel, JsonMapper json) {
    this.channel = channel;
    this.json = json;
  }

  /** Reads requests until the connection ends; each is answered by a thread of the executor. */
  void serve(Operations operations, Executor executor) {
    try (BufferedReader lines =
        new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode request = json.readTree(line);
        executor.execute(() -> answer(operations, request));
      }
    } catch (IOException | JacksonException | RejectedExecutionException e) {
      // The last: the runner is at its end and answers nothing more.
      LOG.log(Level.FINE, "a control connection ended", e);
    } finally {
      close();
      operations.closed(this);
    }
  }

  /** Sends an event. */
  void event(String name, Map<String, Object> fields) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("event", name);
    line.putAll(fields);
    send(line);
  }

  /** Ends the connection. */
  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(Level.FINE, "cannot close a control connection", e);
    }
  }

  private void answer(Operations operations, JsonNode request) {
    long id = request.path("id").asLong(0);
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("id", id);
    try {
      Call call = new Call(request, this, id);
      Map<String, Object> fields = operations.run(call);
      line.put("ok", true);
      line.putAll(fields);
    } catch (Refusal | IOException e) {
      refuse(line, request, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      refuse(line, request, new Refusal("given up"));
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, "'%s' failed".formatted(request.path("op")), e);
      refuse(line, request, new Refusal("the node runner failed: see its log"));
    }
    send(line);
    operations.answered(this, request);
  }

  private static void refuse(Map<String, Object> line, JsonNode request, Exception e) {
    LOG.log(Level.INFO, "'%s' is refused: %s".formatted(request.path("op").asString(""), e));
    line.put("ok", false);
    line.put("error", Reason.of(e));
  }

  /** Says how far a request is. */
  void progress(long id, long bytes, long total) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("id", id);
    line.put("progress", Map.of("bytes", bytes, "total", total));
    send(line);
  }

  private void send(Map<String, Object> line) {
    ByteBuffer bytes =
        ByteBuffer.wrap((json.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      synchronized (writing) {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
    } catch (IOException e) {
      // Its reading thread finds the end, and tells.
      LOG.log(Level.FINE, "a control connection does not take its answer", e);
    }
  }
}
