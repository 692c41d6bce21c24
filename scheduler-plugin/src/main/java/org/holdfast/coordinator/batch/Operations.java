// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.batch;

import java.util.List;
import java.util.Optional;
import org.holdfast.coordinator.host.Hosts;
import org.holdfast.coordinator.operation.CheckpointRun;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.PruneRun;
import org.holdfast.coordinator.operation.StartRun;
import org.holdfast.coordinator.operation.VerifyRun;
import org.holdfast.failure.Failure;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.repository.JobRepository;

/**
 * The operations on one job, each a Batch job whose execution is recorded. A Batch job is built for
 * each run, around the object that carries out its phases.
 */
public final class Operations {
  static final List<String> NAMES = List.of("launch", "checkpoint", "restart", "verify", "prune");

  private final JobRepository repository;
  private final Executions executions;
  private final Steps steps;

  /** Operations on one job. */
  public Operations(JobOperator operator, JobRepository repository, ManagedJob job) {
    this.repository = repository;
    this.executions = new Executions(operator, repository, job);
    this.steps = new Steps(repository, job.label());
  }

  /**
   * Marks executions as failed that a coordinator left behind when it was killed. Nobody else may
   * coordinate the job.
   *
   * @return how many there were
   */
  public int recover() {
    return executions.recover();
  }

  /** Records a launch: the job's processes run on every host. */
  public Optional<Failure> launch(StartRun run, Hosts hosts) {
    return executions.run(
        builder("launch").start(steps.byHost("start", hosts.names(), run::confirm)).build(), 0);
  }

  /** Records a restart from a checkpoint. */
  public Optional<Failure> restart(StartRun run, Hosts hosts, int epoch) {
    return executions.run(
        builder("restart").start(steps.byHost("start", hosts.names(), run::confirm)).build(),
        epoch);
  }

  /**
   * Takes a checkpoint. The freeze is one step for all hosts, because they stand still together.
   *
   * @return why it failed; what was committed before a failure stays so
   */
  public Optional<Failure> checkpoint(CheckpointRun run) {
    Job job =
        builder("checkpoint")
            .start(steps.once("begin", run::begin))
            .next(steps.byHost("prepare", run.hosts(), run::prepare))
            .next(steps.once("freeze", run::freeze))
            .next(steps.byHost("write", run.hosts(), run::write))
            .next(steps.once("commit", run::commit))
            .next(steps.once("prune", run::prune))
            .build();
    return executions.run(job, run.epoch());
  }

  /** Verifies checkpoints. */
  public Optional<Failure> verify(VerifyRun run) {
    return executions.run(builder("verify").start(steps.once("verify", run::verify)).build(), 0);
  }

  /** Removes old checkpoints. */
  public Optional<Failure> prune(PruneRun run) {
    return executions.run(builder("prune").start(steps.once("prune", run::prune)).build(), 0);
  }

  private JobBuilder builder(String name) {
    return new JobBuilder(name, repository).preventRestart();
  }
}
