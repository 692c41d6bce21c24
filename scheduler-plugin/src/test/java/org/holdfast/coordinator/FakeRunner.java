// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator;

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
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.holdfast.coordinator.host.RunnerClient;
import org.holdfast.image.FramePool;
import org.holdfast.image.ImageContent;
import org.holdfast.image.ImageRecord;
import org.holdfast.image.ImageWriter;
import org.holdfast.image.MemoryRun;
import org.holdfast.image.ProcessRecord;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A node runner of one process, over a real socket, that writes real images and can be made to
 * fail.
 */
final class FakeRunner implements AutoCloseable {
  /** What happens when an operation arrives. */
  interface Hook {
    void run() throws Exception;
  }

  /** Refuses an operation. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String reason) {
      super(reason);
    }
  }

  private final ServerSocketChannel listener;
  private final Path socket;
  private final List<SocketChannel> connections = new CopyOnWriteArrayList<>();
  private final List<String> operations = new CopyOnWriteArrayList<>();
  private final Map<String, Hook> hooks = new ConcurrentHashMap<>();
  private final JsonMapper json = new JsonMapper();
  private volatile long lie;

  FakeRunner(Path runtime) throws IOException {
    socket = runtime.resolve(RunnerClient.SOCKET);
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
    daemon(this::accept);
  }

  /** What was asked of it, in order. */
  List<String> operations() {
    return List.copyOf(operations);
  }

  /** Does something when an operation arrives, before it answers. */
  void on(String operation, Hook hook) {
    hooks.put(operation, hook);
  }

  /** Makes it tell wrong sizes of what it writes. */
  void lie() {
    lie = 1;
  }

  /** Dies as by SIGKILL: every connection ends. */
  void die() throws IOException {
    close();
    for (SocketChannel connection : connections) {
      connection.close();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    Files.deleteIfExists(socket);
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel connection = listener.accept();
        connections.add(connection);
        daemon(() -> serve(connection));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(SocketChannel connection) {
    try (connection) {
      BufferedReader lines =
          new BufferedReader(Channels.newReader(connection, StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode request = json.readTree(line);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("id", request.get("id").asLong());
        try {
          answer.putAll(answer(request, connection));
          answer.put("ok", true);
        } catch (Refused e) {
          answer.put("ok", false);
          answer.put("error", String.valueOf(e.getMessage()));
        }
        send(connection, answer);
      }
    } catch (Exception e) {
      // The connection is over, as when this runner died.
    }
  }

  private Map<String, Object> answer(JsonNode request, SocketChannel connection) throws Exception {
    String operation = request.get("op").asString();
    operations.add(operation);
    Hook hook = hooks.get(operation);
    if (hook != null) {
      hook.run();
    }
    return switch (operation) {
      case "status" -> Map.of("state", "running", "rootPid", 7, "processes", List.of());
      case "prepare" -> Map.of("residentBytes", 1 << 20);
      case "drain" -> Map.of("inFlight", 0);
      case "resume" -> Map.of("stopNs", 1_500_000);
      case "write" -> {
        send(
            connection,
            Map.of(
                "id", request.get("id").asLong(), "progress", Map.of("bytes", 10, "total", 100)));
        yield write(Path.of(request.get("directory").asString()));
      }
      default -> Map.of();
    };
  }

  private Map<String, Object> write(Path directory) throws IOException, InterruptedException {
    ImageContent content =
        new ImageContent(
            "node",
            7,
            Instant.now(),
            Map.of("process.json", "{}".getBytes(StandardCharsets.UTF_8)),
            List.of(),
            List.of(new MemoryRun(0x10000, 0x20000)),
            List.of());
    try (FramePool pool = new FramePool(1)) {
      ImageRecord image =
          new ImageWriter(pool, 1).write(directory, content, FakeRunner::read, bytes -> {});
      if (lie > 0) {
        Files.write(directory.resolve(image.file()), new byte[] {1, 2, 3});
      }
      ProcessRecord process =
          new ProcessRecord(
              "node", 7, 0, 7, 7, "fake", "/bin/fake", List.of("fake"), 2, false, 0, false);
      return Map.of(
          "host", "node", "images", List.of(image), "processes", List.of(process), "writeNs", 99);
    }
  }

  private static int read(ByteBuffer into, long address) {
    int count = into.remaining();
    for (int i = 0; i < count; i++) {
      into.put((byte) ((address + i) >> 3));
    }
    return count;
  }

  private void send(SocketChannel connection, Map<String, Object> message) throws IOException {
    ByteBuffer line =
        ByteBuffer.wrap((json.writeValueAsString(message) + "\n").getBytes(StandardCharsets.UTF_8));
    while (line.hasRemaining()) {
      connection.write(line);
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "fake runner");
    thread.setDaemon(true);
    thread.start();
  }
}
