// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.control;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.holdfast.runner.job.Job;
import org.holdfast.runner.job.JobEvents;
import org.holdfast.runner.job.Phase;

/** Tells an attached client what happens to the job, also what happened before. */
final class Attached implements JobEvents {

  private final ControlClient client;
  private final Executor executor;

  /**
   * @param client who is attached
   * @param executor sends the events, in their order
   */
  Attached(ControlClient client, Executor executor) {
    this.client = client;
    this.executor = executor;
  }

  ControlClient client() {
    return client;
  }

  /** Begins with what happened before. */
  void begin(Job job) {
    synchronized (job) {
      job.addEvents(this);
      job.started().ifPresent(said -> started(said.pid(), job.remark()));
      job.exitStatus().ifPresent(this::exited);
      if (job.phase() == Phase.ENDED) {
        job.failure().ifPresentOrElse(this::failed, this::ended);
      }
    }
  }

  @Override
  public void started(int rootPid, Optional<String> remark) {
    send("started", Map.of("rootPid", rootPid, "remark", remark.orElse("")));
  }

  @Override
  public void exited(int status) {
    send("exited", Map.of("status", status));
  }

  @Override
  public void ended() {
    send("ended", Map.of());
  }

  @Override
  public void failed(String reason) {
    send("failed", Map.of("error", reason));
  }

  private void send(String event, Map<String, Object> fields) {
    executor.execute(() -> client.event(event, fields));
  }
}
