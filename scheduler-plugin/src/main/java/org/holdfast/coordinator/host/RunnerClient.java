// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.StreamSupport;
import org.holdfast.coordinator.wire.JsonClient;
import org.holdfast.coordinator.wire.PeerException;
import org.holdfast.image.ImageRecord;
import org.holdfast.image.ProcessRecord;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the coordinator asks of a job's node runner on one host; {@code docs/protocol.md}. */
public final class RunnerClient implements AutoCloseable {
  /** The name of the socket in a job's runtime folder. */
  public static final String SOCKET = "control.sock";

  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final Duration MARGIN = Duration.ofSeconds(10);
  private static final Duration SILENCE = Duration.ofMinutes(2);

  private final JsonClient connection;
  private final JsonMapper json = new JsonMapper();

  private RunnerClient(JsonClient connection) {
    this.connection = connection;
  }

  /**
   * Connects to the runner of the job whose runtime folder this is.
   *
   * @throws PeerException of kind ABSENT when no runner listens there
   */
  public static RunnerClient connect(Path runtime) throws PeerException {
    return new RunnerClient(
        JsonClient.connect(
            runtime.resolve(SOCKET),
            "the node runner (log: %s)".formatted(runtime.resolve("runner.log"))));
  }

  /** The connection itself, for events. */
  public JsonClient connection() {
    return connection;
  }

  /** What the job does now. */
  public RunnerStatus status() throws PeerException {
    return RunnerStatus.of(connection.call("status", Map.of(), ANSWER));
  }

  /** As {@link #status}; events come on this connection from now on. */
  public RunnerStatus attach() throws PeerException {
    return RunnerStatus.of(connection.call("attach", Map.of(), ANSWER));
  }

  /** Sends a signal to the job's foreground. */
  public void signal(int number) throws PeerException {
    connection.call("signal", Map.of("signal", number), ANSWER);
  }

  /** Lets the job take the window size of the caller's terminal again. */
  public void window() throws PeerException {
    connection.call("window", Map.of(), ANSWER);
  }

  /** Asks whether a checkpoint is possible; returns an estimate of its raw size in bytes. */
  public long prepare(int epoch) throws PeerException {
    return connection
        .call("prepare", Map.of("epoch", epoch), ANSWER)
        .path("residentBytes")
        .asLong(0);
  }

  /**
   * Brings every thread to the barrier.
   *
   * @param timeout after which a thread that is not there is a refusal
   * @param external whether connections that leave the job are a refusal
   */
  public void quiesce(int epoch, Duration timeout, External external) throws PeerException {
    stop("quiesce", epoch, timeout, external, Map.of());
  }

  /**
   * Lets the job go on for a moment, in which its connections' receivers catch up, and stops it
   * again; other arguments as of {@link #quiesce}.
   */
  public void letRead(int epoch, Duration moment, Duration timeout, External external)
      throws PeerException {
    stop("letRead", epoch, timeout, external, Map.of("momentMs", moment.toMillis()));
  }

  private void stop(
      String operation, int epoch, Duration timeout, External external, Map<String, Object> more)
      throws PeerException {
    Map<String, Object> arguments = new HashMap<>(more);
    arguments.put("epoch", epoch);
    arguments.put("timeoutMs", timeout.toMillis());
    arguments.put("holdMs", 0);
    arguments.put("external", external.word());
    connection.call(operation, arguments, timeout.plus(MARGIN));
  }

  /** One round of draining; returns the bytes that were still in flight. */
  public long drain(int epoch) throws PeerException {
    return connection.call("drain", Map.of("epoch", epoch), ANSWER).path("inFlight").asLong(0);
  }

  /** Makes each process's frozen snapshot. */
  public void capture(int epoch) throws PeerException {
    connection.call("capture", Map.of("epoch", epoch), SILENCE);
  }

  /** Opens the barrier; returns the longest stop of any process, nanoseconds. */
  public long resume(int epoch) throws PeerException {
    return connection.call("resume", Map.of("epoch", epoch), ANSWER).path("stopNs").asLong(0);
  }

  /**
   * Writes the images into an existing folder.
   *
   * @param progress takes bytes read so far and in all
   */
  public Written write(
      int epoch, Path directory, int level, int threads, BiConsumer<Long, Long> progress)
      throws PeerException {
    JsonNode answer =
        connection.call(
            "write",
            Map.of(
                "epoch", epoch,
                "directory", directory.toString(),
                "level", level,
                "threads", threads),
            SILENCE,
            node -> progress.accept(node.path("bytes").asLong(0), node.path("total").asLong(0)));
    return new Written(
        answer.path("host").asString(""),
        records(answer.path("processes"), ProcessRecord.class),
        records(answer.path("images"), ImageRecord.class),
        answer.path("writeNs").asLong(0),
        answer.path("connections").valueStream().map(JsonNode::asString).toList());
  }

  /** Opens the barrier and ends the snapshots, whatever was reached. */
  public void abort(int epoch) throws PeerException {
    connection.call("abort", Map.of("epoch", epoch), ANSWER);
  }

  /** Stops or ends the job, whose barrier is still closed. */
  public void then(int epoch, Then what) throws PeerException {
    connection.call("then", Map.of("epoch", epoch, "what", what.word()), ANSWER);
  }

  @Override
  public void close() {
    connection.close();
  }

  private <T> List<T> records(JsonNode list, Class<T> type) {
    return StreamSupport.stream(list.spliterator(), false)
        .map(node -> json.treeToValue(node, type))
        .toList();
  }
}
