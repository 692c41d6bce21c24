// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import org.holdfast.image.ImageWriter;
import org.holdfast.image.ObjectStore;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageType;
import org.holdfast.protocol.Signal;
import org.holdfast.protocol.Started;
import org.holdfast.runner.checkpoint.Checkpoint;
import org.holdfast.runner.checkpoint.Preparation;
import org.holdfast.runner.checkpoint.Written;
import org.holdfast.runner.job.Job;
import org.holdfast.runner.job.Signals;
import org.holdfast.runner.state.Refusal;
import org.jspecify.annotations.Nullable;

/** What can be asked over {@code control.sock}: the table of docs/protocol.md. */
public final class Operations {

  private static final Logger LOG = Logger.getLogger(Operations.class.getName());
  private static final Duration DRAIN = Duration.ofSeconds(10);
  private static final Duration CAPTURE = Duration.ofSeconds(60);

  /** One of them. */
  private interface Operation {
    Map<String, Object> run(Call call) throws Refusal, IOException, InterruptedException;
  }

  private final Job job;
  private final String host;
  private final Map<String, Operation> table =
      Map.ofEntries(
          Map.entry("status", call -> status()),
          Map.entry("attach", this::attach),
          Map.entry("signal", this::signal),
          Map.entry("window", call -> window()),
          Map.entry("prepare", call -> prepare()),
          Map.entry("quiesce", this::quiesce),
          Map.entry("drain", this::drain),
          Map.entry("letRead", this::letRead),
          Map.entry("capture", this::capture),
          Map.entry("resume", this::resume),
          Map.entry("write", this::write),
          Map.entry("abort", this::abort),
          Map.entry("then", this::then));
  private final ExecutorService events = Executors.newSingleThreadExecutor();
  private final CountDownLatch everAttached = new CountDownLatch(1);
  private final String jobId;
  private final ObjectStore objects;
  private @Nullable Attached attached;
  private @Nullable Checkpoint checkpoint;
  private @Nullable ControlClient owner;

  /**
   * @param job what it is about
   * @param jobId its number
   * @param host this host's name, as the images have it
   * @param objects keeps what its processes have mapped
   */
  public Operations(Job job, String jobId, String host, ObjectStore objects) {
    this.objects = objects;
    this.job = job;
    this.jobId = jobId;
    this.host = host;
  }

  /** Waits until somebody was attached. */
  public boolean awaitAttached(Duration timeout) throws InterruptedException {
    return everAttached.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Ends when all events are sent. */
  public void close() throws InterruptedException {
    events.shutdown();
    if (!events.awaitTermination(30, TimeUnit.SECONDS)) {
      events.shutdownNow();
    }
  }

  Map<String, Object> run(Call call) throws Refusal, IOException, InterruptedException {
    Operation operation = table.get(call.op());
    if (operation == null) {
      throw new Refusal("'%s' is not an operation of the node runner".formatted(call.op()));
    }
    return operation.run(call);
  }

  /** An answer was sent: events may follow it. */
  void answered(ControlClient client, tools.jackson.databind.JsonNode request) {
    if (request.path("op").asString("").equals("attach")) {
      synchronized (this) {
        Attached listener = attached;
        if (listener != null && listener.client().equals(client)) {
          listener.begin(job);
        }
      }
      everAttached.countDown();
    }
  }

  /** A connection ended. */
  synchronized void closed(ControlClient client) {
    if (attached != null && attached.client().equals(client)) {
      job.removeEvents(attached);
      attached = null;
      job.tellInit(Message.of(MessageType.DETACH, 0));
    }
    if (client.equals(owner) && checkpoint != null && !checkpoint.isOver()) {
      LOG.warning("who took epoch %d is gone: it is given up".formatted(checkpoint.epoch()));
      checkpoint.abort();
      owner = null;
    }
  }

  private Map<String, Object> status() {
    Map<String, Object> answer = new LinkedHashMap<>();
    Optional<Started> started = job.started();
    answer.put("job", jobId);
    answer.put("state", job.phase().label());
    started.ifPresent(said -> answer.put("rootPid", said.pid()));
    started.ifPresent(said -> answer.put("namespace", said.namespace().code()));
    answer.put("processes", job.hostProcesses());
    job.exitStatus().ifPresent(status -> answer.put("exitStatus", status));
    job.failure().ifPresent(reason -> answer.put("error", reason));
    return answer;
  }

  private synchronized Map<String, Object> attach(Call call) throws Refusal {
    if (attached != null && !attached.client().equals(call.client())) {
      throw new Refusal("somebody else is attached to the job");
    }
    attached = new Attached(call.client(), events);
    return status();
  }

  private Map<String, Object> signal(Call call) throws Refusal {
    job.tellInit(new Signal(call.number("signal")).message());
    return Map.of();
  }

  private Map<String, Object> window() {
    job.tellInit(Message.of(MessageType.WINDOW, 0));
    return Map.of();
  }

  private Map<String, Object> prepare() throws Refusal, InterruptedException {
    Preparation.Estimate estimate = new Preparation(job).look();
    return Map.of("processes", estimate.processes(), "residentBytes", estimate.residentBytes());
  }

  private Map<String, Object> quiesce(Call call) throws Refusal, InterruptedException {
    Checkpoint begun;
    synchronized (this) {
      begun = Checkpoint.begin(job, call.number("epoch"), host);
      checkpoint = begun;
      owner = call.client();
    }
    Checkpoint.Count count = begun.quiesce(timeout(call), hold(call));
    refuseOutside(begun, call);
    return Map.of("processes", count.processes(), "threads", count.threads());
  }

  private static Duration timeout(Call call) throws Refusal {
    return Duration.ofMillis(call.number("timeoutMs"));
  }

  private static Duration hold(Call call) throws Refusal {
    return Duration.ofMillis(call.number("holdMs", 0));
  }

  private static void refuseOutside(Checkpoint checkpoint, Call call) throws Refusal {
    if (call.text("external", "reset").equals("fail")) {
      checkpoint.refuseOutside();
    }
  }

  private Map<String, Object> letRead(Call call) throws Refusal, InterruptedException {
    Checkpoint mine = current(call);
    mine.letRead(Duration.ofMillis(call.number("momentMs")), timeout(call), hold(call));
    refuseOutside(mine, call);
    return Map.of();
  }

  private Map<String, Object> drain(Call call) throws Refusal, InterruptedException {
    return Map.of("inFlight", current(call).drain(DRAIN));
  }

  private Map<String, Object> capture(Call call) throws Refusal, InterruptedException {
    return Map.of("snapshots", current(call).capture(CAPTURE));
  }

  private Map<String, Object> resume(Call call) throws Refusal, InterruptedException {
    long stopNs = current(call).resume();
    LOG.info(
        "epoch %d: the job stood still for %d us".formatted(call.number("epoch"), stopNs / 1000));
    return Map.of("stopNs", stopNs);
  }

  private Map<String, Object> write(Call call) throws Refusal, IOException, InterruptedException {
    Path directory = Path.of(call.text("directory"));
    if (!Files.isDirectory(directory)) {
      throw new Refusal("there is no folder " + directory);
    }
    Checkpoint mine = current(call);
    Written written =
        mine.write(
            directory,
            objects,
            call.number("level", ImageWriter.DEFAULT_LEVEL),
            call.number("threads", Runtime.getRuntime().availableProcessors()),
            call.progress());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("host", written.host());
    answer.put("processes", written.processes());
    answer.put("images", written.images());
    answer.put("rawBytes", written.rawBytes());
    answer.put("storedBytes", written.storedBytes());
    answer.put("writeNs", written.writeNs());
    answer.put("connections", mine.outside());
    return answer;
  }

  private Map<String, Object> abort(Call call) throws Refusal, InterruptedException {
    Checkpoint mine;
    synchronized (this) {
      mine = checkpoint;
    }
    if (mine != null && mine.epoch() == call.number("epoch")) {
      mine.abort();
      mine.awaitOpen();
    }
    return Map.of();
  }

  private Map<String, Object> then(Call call) throws Refusal, IOException, InterruptedException {
    Signals signals = new Signals(job);
    Checkpoint mine = current();
    switch (call.text("what")) {
      case "stop" -> mine.halt(signals::stopAll);
      case "terminate" -> mine.halt(signals::killAll);
      default -> throw new Refusal("'then' is 'stop' or 'terminate'");
    }
    return Map.of();
  }

  private Checkpoint current(Call call) throws Refusal {
    Checkpoint mine = current();
    if (mine.epoch() != call.number("epoch")) {
      throw new Refusal("epoch %d is not under way".formatted(call.number("epoch")));
    }
    return mine;
  }

  private synchronized Checkpoint current() throws Refusal {
    if (checkpoint == null) {
      throw new Refusal("no checkpoint is under way");
    }
    return checkpoint;
  }
}
