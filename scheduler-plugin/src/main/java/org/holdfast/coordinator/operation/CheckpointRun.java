// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.operation;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.holdfast.coordinator.host.Hosts;
import org.holdfast.coordinator.host.Then;
import org.holdfast.coordinator.host.Written;
import org.holdfast.coordinator.index.CheckpointIndex;
import org.holdfast.coordinator.index.CheckpointRow;
import org.holdfast.coordinator.wire.PeerException;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.image.ImageRecord;
import org.holdfast.image.JobRecord;
import org.holdfast.image.JobState;
import org.holdfast.image.Manifest;
import org.holdfast.image.PartialEpoch;
import org.holdfast.image.StoredEpoch;
import org.holdfast.runner.state.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One checkpoint from beginning to end, phase by phase. What the phases hand to each other is kept
 * here, in memory: a coordinator that dies takes the attempt with it, for the runners release the
 * job when the connection ends.
 */
public final class CheckpointRun {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointRun.class);

  /** What a first checkpoint is expected to shrink to. */
  private static final double FIRST_RATIO = 0.1;

  /** So long may draining make no progress. */
  private static final Duration STUCK = Duration.ofSeconds(1);

  private static final Duration BRIEFLY_STUCK = Duration.ofMillis(50);
  private static final Duration READ_PAUSE = Duration.ofMillis(10);
  private static final int READ_TRIES = 20;

  private final ManagedJob job;
  private final Hosts hosts;
  private final Settings settings;
  private final CheckpointIndex index;
  private final Then then;
  private final Consumer<Progress> progress;
  private final int epoch;

  private final Map<String, Written> written = new ConcurrentHashMap<>();
  private final Map<String, Long> bytes = new ConcurrentHashMap<>();
  private final Map<String, Long> totals = new ConcurrentHashMap<>();
  private final List<String> warnings = new ArrayList<>();
  private CheckpointRow row;
  private Optional<PartialEpoch> partial = Optional.empty();
  private Optional<Manifest> committed = Optional.empty();
  private List<Integer> pruned = List.of();
  private Instant frozenAt = Instant.EPOCH;
  private long stopNs;

  /**
   * @param progress gets how far it is, from several threads
   * @throws IOException when the store or the index cannot be read
   */
  public CheckpointRun(
      ManagedJob job,
      Hosts hosts,
      Settings settings,
      CheckpointIndex index,
      Then then,
      Consumer<Progress> progress)
      throws IOException, SQLException {
    this.job = job;
    this.hosts = hosts;
    this.settings = settings;
    this.index = index;
    this.then = then;
    this.progress = progress;
    this.epoch = Math.max(job.folder().nextEpoch(), index.nextEpoch());
    this.row = CheckpointRow.writing(epoch, Instant.now());
  }

  /** Its number. */
  public int epoch() {
    return epoch;
  }

  /** The hosts that take part. */
  public Set<String> hosts() {
    return hosts.names();
  }

  /** Makes the place that it is written to. */
  public void begin() throws IOException, SQLException {
    progress.accept(Progress.at("prepare"));
    index.put(row);
    partial = Optional.of(job.folder().begin(epoch));
  }

  /** Asks a host's runner whether it is possible, and looks whether it fits. */
  public void prepare(String host) throws IOException {
    long resident = hosts.runner(host).prepare(epoch);
    long expected = (long) (resident * expectedRatio());
    long free = Files.getFileStore(job.folder().path()).getUsableSpace();
    if (free < expected) {
      throw new Failure(
          ExitCode.STORE,
          "%s: the store %s has %d MiB of space left, checkpoint %d needs about %d MiB: make room"
              .formatted(job.label(), job.store(), free >> 20, epoch, expected >> 20));
    }
  }

  /**
   * Stops the job, copies it and lets it go on, unless it is to be stopped or ended: then it stands
   * still until the commit. Nothing else is done meanwhile: no database, no disk.
   */
  public void freeze() throws PeerException {
    progress.accept(Progress.at("freeze"));
    long start = System.nanoTime();
    hosts.all(
        runner -> {
          runner.quiesce(epoch, settings.freezeTimeout(), settings.external());
          return epoch;
        });
    frozenAt = Instant.now();
    drain();
    hosts.all(
        runner -> {
          runner.capture(epoch);
          return epoch;
        });
    stopNs =
        then == Then.CONTINUE
            ? Collections.max(hosts.all(runner -> runner.resume(epoch)))
            : System.nanoTime() - start;
  }

  /** Until nothing is in flight. Where a receiver's buffer is full, the job goes on for moments. */
  private void drain() throws PeerException {
    long stuck = pull(BRIEFLY_STUCK);
    for (int n = 1; n <= READ_TRIES && stuck > 0; n++) {
      Duration moment = READ_PAUSE.multipliedBy(n);
      hosts.all(
          runner -> {
            runner.letRead(epoch, moment, settings.freezeTimeout(), settings.external());
            return epoch;
          });
      frozenAt = Instant.now();
      stuck = pull(n < READ_TRIES ? BRIEFLY_STUCK : STUCK);
    }
    if (stuck > 0) {
      throw new Failure(
          ExitCode.REFUSED,
          "%s: %d bytes in flight between its processes find no room where they go, and are not read: try again, or"
                  .formatted(job.label(), stuck)
              + " raise the last number of net.ipv4.tcp_rmem");
    }
  }

  /**
   * Pulls what is in flight into the receivers' buffers.
   *
   * @param patience with buffers that take no more
   * @return how much is left: a full buffer takes no more, however long one waits
   */
  private long pull(Duration patience) throws PeerException {
    long least = Long.MAX_VALUE;
    long since = System.nanoTime();
    while (true) {
      long inFlight = hosts.all(runner -> runner.drain(epoch)).stream().mapToLong(n -> n).sum();
      if (inFlight == 0) {
        return 0;
      }
      if (inFlight < least) {
        least = inFlight;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > patience.toNanos()) {
        return inFlight;
      }
    }
  }

  /** Lets a host's runner write its images. */
  public void write(String host) throws IOException {
    progress.accept(Progress.at("write"));
    try {
      written.put(
          host,
          hosts
              .runner(host)
              .write(
                  epoch,
                  place().path(),
                  settings.level(),
                  settings.writers(),
                  (done, total) -> wrote(host, done, total)));
    } catch (PeerException e) {
      if (e.kind() == PeerException.Kind.REFUSED) {
        // The job was captured: what is refused now is the store's doing.
        throw new Failure(ExitCode.STORE, job.label() + ": " + Reason.of(e), e);
      }
      throw e;
    }
  }

  private void wrote(String host, long done, long total) {
    bytes.put(host, done);
    totals.put(host, total);
    progress.accept(new Progress("write", sum(bytes), sum(totals)));
  }

  /** Makes it count, and stops or ends the job if that was asked. */
  public void commit() throws IOException, SQLException {
    progress.accept(Progress.at("commit"));
    Manifest manifest = manifest();
    place().commit(manifest);
    committed = Optional.of(manifest);
    LOG.info("{}: checkpoint {} is committed", job.label(), epoch);
    index.put(CheckpointRow.committed(manifest));
    if (then != Then.CONTINUE) {
      leave();
    }
  }

  private void leave() throws IOException {
    JobRecord record = job.folder().record();
    // First the record: who waits for the job's end finds there why it ended.
    job.folder()
        .update(
            record.withState(
                then == Then.STOP ? JobState.STOPPED : JobState.TERMINATED, Optional.empty()));
    try {
      hosts.all(
          runner -> {
            runner.then(epoch, then);
            return epoch;
          });
    } catch (PeerException e) {
      job.folder().update(record);
      throw e;
    }
  }

  /** Removes what the policy says is too old. */
  public void prune() throws IOException, SQLException {
    pruned = job.folder().prune(job.folder().record().keep());
    for (int old : pruned) {
      index.prune(old);
    }
  }

  /** Whether it counts, whatever failed afterwards. */
  public boolean isCommitted() {
    return committed.isPresent();
  }

  /** Adds what went wrong after the commit. */
  public void warn(String warning) {
    LOG.warn("{}: checkpoint {}: {}", job.label(), epoch, warning);
    warnings.add(warning);
  }

  /** The figures of a committed checkpoint. */
  public CheckpointResult result() {
    return CheckpointResult.of(committed.orElseThrow(), pruned, warnings);
  }

  /**
   * Gives it up: the job goes on, nothing of it stays but the reason. After the commit it only lets
   * the job go on.
   */
  public void abort(String reason) {
    LOG.warn("{}: checkpoint {} failed: {}", job.label(), epoch, reason);
    for (String host : hosts.names()) {
      try {
        hosts.runner(host).abort(epoch);
      } catch (PeerException e) {
        // A runner that cannot be told is gone; then the processes release themselves.
        LOG.warn("{}: cannot abort on {}: {}", job.label(), host, Reason.of(e));
      }
    }
    if (isCommitted()) {
      return;
    }
    try {
      if (partial.isPresent()) {
        partial.get().discard();
      }
    } catch (IOException e) {
      LOG.error("{}: cannot remove what checkpoint {} left", job.label(), epoch, e);
    }
    try {
      row = row.failed(reason);
      index.put(row);
    } catch (SQLException e) {
      LOG.error("{}: cannot record that checkpoint {} failed", job.label(), epoch, e);
    }
  }

  private PartialEpoch place() {
    return partial.orElseThrow();
  }

  private Manifest manifest() {
    List<ImageRecord> images =
        written.values().stream().flatMap(host -> host.images().stream()).toList();
    return new Manifest(
        Manifest.SCHEMA,
        job.id(),
        epoch,
        frozenAt,
        0,
        Objects.requireNonNullElse(
            CheckpointRun.class.getPackage().getImplementationVersion(), "development"),
        written.values().stream().map(Written::host).distinct().toList(),
        written.values().stream().flatMap(host -> host.processes().stream()).toList(),
        images,
        stopNs,
        written.values().stream().mapToLong(Written::writeNs).max().orElse(0),
        images.stream().mapToLong(ImageRecord::rawBytes).sum(),
        images.stream().mapToLong(ImageRecord::storedBytes).sum(),
        written.values().stream().flatMap(host -> host.connections().stream()).toList());
  }

  /** Half of what the last checkpoint shrank to: who refuses must be sure. */
  private double expectedRatio() throws IOException {
    return job.folder().epochs().stream()
        .filter(StoredEpoch.Readable.class::isInstance)
        .map(stored -> ((StoredEpoch.Readable) stored).manifest())
        .filter(manifest -> manifest.rawBytes() > 0)
        .reduce((older, newer) -> newer)
        .map(last -> (double) last.storedBytes() / last.rawBytes() / 2)
        .orElse(FIRST_RATIO / 2);
  }

  private static long sum(Map<String, Long> parts) {
    return parts.values().stream().mapToLong(n -> n).sum();
  }
}
