// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.batch;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.holdfast.coordinator.operation.Failures;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.JobExecutionException;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.repository.JobRepository;

/** Runs Batch jobs for one job of Holdfast's, and cleans up after a coordinator that was killed. */
final class Executions {
  private static final String STORE = "store";
  private static final String JOB = "job";

  private final JobOperator operator;
  private final JobRepository repository;
  private final ManagedJob job;

  Executions(JobOperator operator, JobRepository repository, ManagedJob job) {
    this.operator = operator;
    this.repository = repository;
    this.job = job;
  }

  /**
   * Runs a Batch job to its end.
   *
   * @param epoch the checkpoint that it is about, 0: none or several
   * @return why it failed, empty when it did not
   */
  Optional<Failure> run(Job batch, int epoch) {
    JobParameters parameters =
        new JobParametersBuilder()
            .addString(STORE, job.store().toString())
            .addLong(JOB, job.id())
            .addString("time", Instant.now().toString())
            .addLong("epoch", (long) epoch, false)
            .toJobParameters();
    try {
      JobExecution execution = operator.start(batch, parameters);
      return execution.getStatus() == BatchStatus.COMPLETED
          ? Optional.empty()
          : Optional.of(failure(batch, execution));
    } catch (JobExecutionException | RuntimeException e) {
      // The database may be gone: what is under way must be given up in order all the same.
      return Optional.of(Failures.of(job.label() + ": " + batch.getName(), e));
    }
  }

  /**
   * Marks executions of this job as failed whose coordinator died. Nobody else may coordinate it.
   *
   * @return how many there were
   */
  int recover() {
    List<JobExecution> left =
        Operations.NAMES.stream()
            .flatMap(name -> repository.findRunningJobExecutions(name).stream())
            .filter(this::isOurs)
            .toList();
    left.forEach(operator::recover);
    return left.size();
  }

  private boolean isOurs(JobExecution execution) {
    JobParameters parameters = execution.getJobParameters();
    return job.store().toString().equals(parameters.getString(STORE))
        && Long.valueOf(job.id()).equals(parameters.getLong(JOB));
  }

  private Failure failure(Job batch, JobExecution execution) {
    return execution.getAllFailureExceptions().stream()
        .filter(Failure.class::isInstance)
        .map(Failure.class::cast)
        .findFirst()
        .orElseGet(
            () ->
                new Failure(
                    ExitCode.INTERNAL,
                    "%s: %s ended as %s"
                        .formatted(
                            job.label(),
                            batch.getName(),
                            execution.getExitStatus().getExitCode())));
  }
}
