// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.Started;
import org.holdfast.runner.job.HostProcess;
import org.holdfast.runner.job.Job;
import org.holdfast.runner.job.Member;
import org.holdfast.runner.job.Phase;
import org.holdfast.runner.job.ProcStat;
import org.holdfast.runner.job.ProcView;
import org.holdfast.runner.state.JobView;
import org.holdfast.runner.state.PtyMaster;
import org.holdfast.runner.state.Recognition;
import org.holdfast.runner.state.Refusal;

/**
 * A look at the job before it is stopped: what would be refused then is most often found now, and
 * the job is not disturbed.
 */
public final class Preparation {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(10);
  private static final Duration SETTLE = Duration.ofMillis(500);

  private final Job job;

  /**
   * @param job to be checkpointed
   */
  public Preparation(Job job) {
    this.job = job;
  }

  /**
   * What was found.
   *
   * @param processes how many there are
   * @param residentBytes about the size of the images before compression
   */
  public record Estimate(int processes, long residentBytes) {}

  /**
   * Looks at every process.
   *
   * @throws Refusal when one cannot be checkpointed
   */
  public Estimate look() throws Refusal, InterruptedException {
    awaitInitial();
    ProcView proc = job.proc();
    List<HostProcess> processes = job.hostProcesses();
    Set<Integer> pids = processes.stream().map(HostProcess::pid).collect(Collectors.toSet());
    long bytes = 0;
    Map<HostProcess, List<DescriptorState>> descriptors = new LinkedHashMap<>();
    for (HostProcess process : processes) {
      LiveProcess live = new LiveProcess(proc.of(process.pid()));
      descriptors.put(process, live.descriptors());
      bytes += live.residentBytes();
    }
    Set<Integer> ptys =
        descriptors.values().stream()
            .flatMap(List::stream)
            .flatMap(fd -> PtyMaster.index(fd).stream())
            .collect(Collectors.toSet());
    Recognition recognition =
        new Recognition(
            new JobView(
                job.started().map(Started::terminal).orElse(0L),
                proc.streams(),
                new HashSet<>(pids),
                ptys));
    for (HostProcess process : processes) {
      look(process, proc, descriptors.getOrDefault(process, List.of()), recognition);
    }
    enlist(processes, proc);
    return new Estimate(processes.size(), bytes);
  }

  /** When another runner took the job over just now, its initial process connects in a moment. */
  private void awaitInitial() throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    synchronized (job) {
      while (job.phase() == Phase.STARTING && job.awaitChange(deadline)) {
        // Looks again.
      }
    }
  }

  private void look(
      HostProcess process,
      ProcView proc,
      List<DescriptorState> descriptors,
      Recognition recognition)
      throws Refusal {
    if (proc.stat(process.pid()).filter(ProcStat::stopped).isPresent()) {
      throw new Refusal(proc.name(process.pid()) + " is stopped by a signal: continue it first");
    }
    if (isConnected(process)) {
      for (DescriptorState descriptor : descriptors) {
        try {
          recognition.recognise(descriptor);
        } catch (Refusal e) {
          throw new Refusal(proc.name(process.pid()) + ": " + e.reason());
        }
      }
    }
  }

  /**
   * Those without an interceptor get one, and connect.
   *
   * @throws Refusal when one cannot get one, also after a moment: it may have been executing
   *     another program
   */
  private void enlist(List<HostProcess> processes, ProcView proc)
      throws Refusal, InterruptedException {
    long deadline = System.nanoTime() + SETTLE.toNanos();
    Optional<Integer> failed = enlistOnce(processes, proc);
    while (failed.isPresent() && System.nanoTime() < deadline) {
      Thread.sleep(LOOK_AGAIN.toMillis());
      failed = enlistOnce(processes, proc);
    }
    if (failed.isPresent()) {
      throw job.withoutInterceptor(proc.name(failed.get()), failed.get());
    }
  }

  /** One that cannot get an interceptor. */
  private Optional<Integer> enlistOnce(List<HostProcess> processes, ProcView proc)
      throws InterruptedException {
    List<HostProcess> enlisted = new ArrayList<>();
    Optional<Integer> failed = Optional.empty();
    for (HostProcess process : processes) {
      if (isMissing(process, proc)) {
        if (job.enlist(process)) {
          enlisted.add(process);
        } else if (job.enlistFailure(process.pid()).isPresent()) {
          failed = Optional.of(process.pid());
        }
      }
    }
    awaitConnected(enlisted, proc);
    return failed;
  }

  private void awaitConnected(List<HostProcess> processes, ProcView proc)
      throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    synchronized (job) {
      while (System.nanoTime() < deadline
          && processes.stream().anyMatch(process -> isMissing(process, proc))) {
        job.awaitChange(System.nanoTime() + LOOK_AGAIN.toNanos());
      }
    }
  }

  private boolean isMissing(HostProcess process, ProcView proc) {
    return !isConnected(process) && proc.lives(process.pid());
  }

  /** One that is not is about to be, or refused by name when the job is stopped. */
  private boolean isConnected(HostProcess process) {
    return job.members().stream().map(Member::pid).anyMatch(pid -> pid == process.pid());
  }
}
