// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.job;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.runner.state.Refusal;

/** Signals to all processes of a job that stands still, so that none can be made meanwhile. */
public final class Signals {

  private static final Duration KILL = Duration.ofSeconds(30);

  private final Job job;

  /**
   * @param job whose processes get them
   */
  public Signals(Job job) {
    this.job = job;
  }

  /**
   * Stops all, by SIGSTOP.
   *
   * @throws Refusal when one could not be stopped
   */
  public void stopAll() throws Refusal, IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "kill -STOP \"$@\"", "sh"));
    job.hostProcesses().forEach(process -> command.add(Integer.toString(process.hostPid())));
    Process kill =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (kill.waitFor() != 0) {
      throw new Refusal("cannot stop all processes of the job");
    }
  }

  /**
   * Kills all, and waits until they are gone.
   *
   * @throws Refusal when one does not end
   */
  public void killAll() throws Refusal, InterruptedException {
    long deadline = System.nanoTime() + KILL.toNanos();
    List<HostProcess> left = job.hostProcesses();
    while (!left.isEmpty()) {
      for (HostProcess process : left) {
        ProcessHandle.of(process.hostPid()).ifPresent(ProcessHandle::destroyForcibly);
      }
      if (System.nanoTime() >= deadline) {
        throw new Refusal(
            "process %d (%s) does not end".formatted(left.get(0).pid(), left.get(0).name()));
      }
      Thread.sleep(2);
      left = job.hostProcesses();
    }
  }
}
