// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.batch;

import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.holdfast.coordinator.operation.Failures;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.scope.context.ChunkContext;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.core.step.tasklet.Tasklet;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * Makes the steps of a job. None has a database transaction of its own: what a step does is not
 * undone by a rollback, and in the freeze window there must be no call to the database.
 */
final class Steps {
  private static final String HOST = "host";

  /** What a step does. */
  interface Action {
    void run() throws Exception;
  }

  /** What a step does for one host. */
  interface HostAction {
    void run(String host) throws Exception;
  }

  private final JobRepository repository;
  private final String about;

  /**
   * @param about what the message of a failure begins with
   */
  Steps(JobRepository repository, String about) {
    this.repository = repository;
    this.about = about;
  }

  /** A step that is done once, for all hosts together. */
  Step once(String name, Action action) {
    return new StepBuilder(name, repository).tasklet(tasklet(context -> action.run())).build();
  }

  /** A step that is done for each host, on all at once. */
  Step byHost(String name, Set<String> hosts, HostAction action) {
    Tasklet tasklet = tasklet(context -> action.run(host(context)));
    Step worker = new StepBuilder(name + "-host", repository).tasklet(tasklet).build();
    SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor(name + "-");
    return new StepBuilder(name, repository)
        .partitioner(worker.getName(), gridSize -> partitions(hosts))
        .step(worker)
        .taskExecutor(threads)
        .build();
  }

  private interface Work {
    void run(ChunkContext context) throws Exception;
  }

  private Tasklet tasklet(Work work) {
    return (contribution, context) -> {
      try {
        work.run(context);
        return RepeatStatus.FINISHED;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw e;
      } catch (Exception e) {
        throw Failures.of(about, e);
      }
    };
  }

  private static String host(ChunkContext context) {
    Object host = context.getStepContext().getStepExecutionContext().get(HOST);
    return Objects.requireNonNull(host).toString();
  }

  private static Map<String, ExecutionContext> partitions(Set<String> hosts) {
    return hosts.stream()
        .collect(Collectors.toMap(host -> host, host -> new ExecutionContext(Map.of(HOST, host))));
  }
}
