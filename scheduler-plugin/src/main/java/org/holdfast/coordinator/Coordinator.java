// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator;

import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.holdfast.coordinator.batch.Operations;
import org.holdfast.coordinator.host.Hosts;
import org.holdfast.coordinator.host.Then;
import org.holdfast.coordinator.index.CheckpointIndex;
import org.holdfast.coordinator.index.CheckpointRow;
import org.holdfast.coordinator.operation.CheckpointResult;
import org.holdfast.coordinator.operation.CheckpointRun;
import org.holdfast.coordinator.operation.EpochVerdict;
import org.holdfast.coordinator.operation.Failures;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Progress;
import org.holdfast.coordinator.operation.PruneRun;
import org.holdfast.coordinator.operation.Reindex;
import org.holdfast.coordinator.operation.Settings;
import org.holdfast.coordinator.operation.StartRun;
import org.holdfast.coordinator.operation.VerifyRun;
import org.holdfast.coordinator.wire.PeerException;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.runner.state.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Carries out operations on one job, one after another, and records them. There must be only one of
 * a job at any time: {@link CoordinatorService} sees to that.
 */
final class Coordinator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Coordinator.class);

  private final ManagedJob job;
  private final Settings settings;
  private final ConfigurableApplicationContext context;
  private final CheckpointIndex index;
  private final Operations operations;

  private Coordinator(ManagedJob job, Settings settings, ConfigurableApplicationContext context) {
    this.job = job;
    this.settings = settings;
    this.context = context;
    this.index = context.getBean(CheckpointIndex.class);
    this.operations = context.getBean(Operations.class);
  }

  /**
   * Starts, and cleans up what a coordinator left that was killed.
   *
   * @throws Failure when the database cannot be opened
   */
  static Coordinator start(ManagedJob job, Settings settings) {
    // JobLog has set logging up, without Spring Boot.
    System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("spring.main.lazy-initialization", true);
    properties.putAll(new Database(settings, job).properties());
    SpringApplication application = new SpringApplication(CoordinatorConfiguration.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    application.setBannerMode(Banner.Mode.OFF);
    application.setRegisterShutdownHook(false);
    application.setLogStartupInfo(false);
    application.setDefaultProperties(properties);
    application.addInitializers(context -> context.getBeanFactory().registerSingleton("job", job));
    try {
      Coordinator coordinator = new Coordinator(job, settings, application.run());
      coordinator.takeOver();
      return coordinator;
    } catch (RuntimeException | SQLException e) {
      throw new Failure(
          ExitCode.INTERNAL,
          "%s: cannot open its index: %s: see %s; 'holdfast reindex' makes it anew"
              .formatted(job.label(), Reason.of(root(e)), JobLog.file(job)),
          e);
    }
  }

  private void takeOver() throws SQLException {
    int executions = operations.recover();
    for (CheckpointRow row : index.rows()) {
      if (row.status() == CheckpointRow.Status.WRITING) {
        abort(row.epoch());
        index.put(row.settled());
      }
    }
    try {
      int leftovers = job.folder().removeLeftovers().size();
      LOG.info(
          "{}: coordinator started; executions recovered: {}, leftovers removed: {}",
          job.label(),
          executions,
          leftovers);
    } catch (IOException e) {
      // A store that cannot be written can still be verified.
      LOG.warn("{}: cannot remove what a killed coordinator left", job.label(), e);
    }
  }

  /** The runner may not have noticed yet that nobody waits for what it writes. */
  private void abort(int epoch) {
    try (Hosts hosts = Hosts.connect(job.runtime())) {
      hosts.all(
          runner -> {
            runner.abort(epoch);
            return epoch;
          });
    } catch (PeerException e) {
      LOG.info("{}: checkpoint {} cannot be aborted: {}", job.label(), epoch, Reason.of(e));
    }
  }

  /** Records that the job was launched. */
  synchronized void launched() {
    withHosts(hosts -> operations.launch(new StartRun(job, hosts), hosts));
  }

  /** Records that the job was restarted from a checkpoint. */
  synchronized void restarted(int epoch) {
    withHosts(hosts -> operations.restart(new StartRun(job, hosts), hosts, epoch));
  }

  /**
   * Takes a checkpoint.
   *
   * @throws Failure when there is none; the job goes on
   */
  synchronized CheckpointResult checkpoint(Then then, Consumer<Progress> progress) {
    try (Hosts hosts = Hosts.connect(job.runtime())) {
      CheckpointRun run = new CheckpointRun(job, hosts, settings, index, then, progress);
      Optional<Failure> failure = operations.checkpoint(run);
      if (failure.isEmpty()) {
        return run.result();
      }
      LOG.error("{}: checkpoint {}", job.label(), run.epoch(), failure.get());
      run.abort(failure.get().line());
      if (!run.isCommitted()) {
        throw failure.get();
      }
      run.warn(failure.get().line());
      return run.result();
    } catch (PeerException e) {
      throw notRunning(e);
    } catch (IOException | SQLException e) {
      throw Failures.of(job.label(), e);
    }
  }

  /** Verifies one checkpoint, or all. */
  synchronized List<EpochVerdict> verify(OptionalInt epoch, Consumer<Progress> progress) {
    VerifyRun run = new VerifyRun(job, settings, epoch, progress);
    orThrow(operations.verify(run));
    return run.verdicts();
  }

  /** Removes old checkpoints; returns their epochs. */
  synchronized List<Integer> prune(int keep) {
    PruneRun run = new PruneRun(job, index, keep);
    orThrow(operations.prune(run));
    return run.removed();
  }

  /** Brings the index in line with the store. */
  synchronized int reindex() {
    try {
      return new Reindex(job, index).run();
    } catch (IOException | SQLException e) {
      throw Failures.of(job.label() + ": its index", e);
    }
  }

  /** All checkpoints that the index knows. */
  List<CheckpointRow> history() {
    try {
      return index.rows();
    } catch (SQLException e) {
      throw Failures.of(job.label() + ": its index", e);
    }
  }

  @Override
  public void close() {
    context.close();
  }

  private interface HostWork {
    Optional<Failure> on(Hosts hosts);
  }

  private void withHosts(HostWork work) {
    try (Hosts hosts = Hosts.connect(job.runtime())) {
      orThrow(work.on(hosts));
    } catch (PeerException e) {
      throw notRunning(e);
    }
  }

  private Failure notRunning(PeerException e) {
    return e.kind() == PeerException.Kind.ABSENT
        ? new Failure(
            ExitCode.REFUSED,
            "%s does not run on this host: 'holdfast restart %d' restarts it"
                .formatted(job.label(), job.id()),
            e)
        : Failures.of(job.label(), e);
  }

  private static void orThrow(Optional<Failure> failure) {
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  private static Throwable root(Throwable error) {
    Throwable at = error;
    while (at.getCause() != null) {
      at = at.getCause();
    }
    return at;
  }
}
