// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.holdfast.protocol.Quiesce;
import org.holdfast.protocol.Quiesced;
import org.holdfast.protocol.Resumed;
import org.holdfast.runner.driver.DriverGroup;
import org.holdfast.runner.job.HostProcess;
import org.holdfast.runner.job.Job;
import org.holdfast.runner.job.Member;
import org.holdfast.runner.job.Phase;
import org.holdfast.runner.job.ProcStat;
import org.holdfast.runner.job.ProcView;
import org.holdfast.runner.state.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * Brings all processes of the job to a stop, and lets them go on.
 *
 * <p>A process may start, end or execute another program meanwhile. The job stands still when every
 * process that is a child of a stopped one, or of the initial process, is stopped itself or a
 * zombie: then none is left that could make another. Only then do they tell their state: while one
 * of them still runs it can change what the others share with it, and send them signals.
 *
 * <p>Where there is a kernel driver, it stops the processes that have joined; the others, and those
 * that start meanwhile, stop by themselves, by signals.
 */
final class Barrier {

  private static final Logger LOG = Logger.getLogger(Barrier.class.getName());
  private static final Duration LOOK_AGAIN = Duration.ofMillis(3);

  /** Longer than a process needs to execute a program. */
  private static final Duration ENLIST_AFTER = Duration.ofMillis(100);

  private final Job job;
  private final int epoch;
  private final Map<Integer, Long> missingSince = new HashMap<>();
  private boolean signals;
  private Set<Integer> byDriver = Set.of();
  private long driverNs;

  Barrier(Job job, int epoch) {
    this.job = job;
    this.epoch = epoch;
  }

  /**
   * Stops the job. When that fails, processes may stand still or be about to: {@link #open} it.
   *
   * @param timeout how long to try
   * @param hold how long a process stands still without hearing from the runner; zero: for ever
   * @return the processes
   * @throws Refusal when a process cannot be stopped in time
   */
  Set<Integer> close(Duration timeout, Duration hold) throws Refusal, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    // A process knows best which thread is missing and why: it gives up a little earlier.
    int limit = Math.toIntExact(timeout.toMillis() * 9 / 10);
    Quiesce request = new Quiesce(limit, Math.toIntExact(hold.toMillis()), false);
    stopByDriver(deadline, Duration.ofMillis(limit));
    ProcView proc = job.proc();
    while (true) {
      Optional<List<Integer>> survey;
      synchronized (job) {
        refuseWhatRefused(proc);
        ask(request);
        survey = survey(proc);
        if (survey.isPresent() && survey.get().isEmpty()) {
          return stopped().keySet();
        }
        long wake = survey.isPresent() ? System.nanoTime() + LOOK_AGAIN.toNanos() : deadline;
        if (!job.awaitChange(Math.min(wake, deadline)) && System.nanoTime() >= deadline) {
          throw tooLate(proc, survey, timeout);
        }
      }
      enlist(survey.orElse(List.of()));
    }
  }

  /** Those that still do not connect are of programs that started since the job was looked at. */
  private void enlist(List<Integer> missing) throws InterruptedException {
    long now = System.nanoTime();
    Set<Integer> due = new HashSet<>();
    missingSince.keySet().retainAll(missing);
    for (int pid : missing) {
      long since = missingSince.computeIfAbsent(pid, unused -> now);
      if (now - since >= ENLIST_AFTER.toNanos()) {
        missingSince.put(pid, now);
        due.add(pid);
      }
    }
    if (due.isEmpty()) {
      return;
    }
    for (HostProcess process : job.hostProcesses()) {
      if (due.contains(process.pid())) {
        job.enlist(process);
      }
    }
  }

  private void ask(Quiesce request) {
    job.members()
        .forEach(member -> member.ask(epoch, request.with(byDriver.contains(member.pid()))));
  }

  /** Only signals stop the processes from now on. */
  void useSignals() {
    signals = true;
  }

  /** The processes that the kernel driver has stopped. */
  Set<Integer> byDriver() {
    return byDriver;
  }

  /** Those that are still about to go on would be stopped, and then go on. */
  private void stopByDriver(long deadline, Duration limit) throws Refusal, InterruptedException {
    byDriver = Set.of();
    Optional<DriverGroup> driver = job.driver();
    if (signals || driver.isEmpty()) {
      return;
    }
    if (awaitOpen(deadline)) {
      long begin = System.nanoTime();
      byDriver = stop(driver.get(), limit);
      driverNs = byDriver.isEmpty() ? 0 : System.nanoTime() - begin;
    }
  }

  private Set<Integer> stop(DriverGroup driver, Duration limit) throws Refusal {
    try {
      return driver.stop(limit);
    } catch (DriverGroup.NotStopped e) {
      String what = job.proc().name(e.ownPid()) + ": " + e.what();
      if (!e.allowsSignals()) {
        throw new Refusal(what);
      }
      LOG.info("stopped by signals: " + what);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the kernel driver fails: stopped by signals", e);
    }
    return Set.of();
  }

  /** Tells every process to go on that stands still or was asked to. */
  void open() {
    synchronized (job) {
      job.members().forEach(member -> member.release(epoch));
    }
  }

  /** The same, but no process connects for a moment, so that listeners can accept who waits. */
  void letAccept() {
    synchronized (job) {
      job.members().forEach(member -> member.letAccept(epoch));
    }
  }

  /** The same, but little is sent on connections for a moment, so that their receivers catch up. */
  void letRead() {
    synchronized (job) {
      job.members().forEach(member -> member.letRead(epoch));
    }
  }

  /**
   * Waits until every process goes on that was told to.
   *
   * @return how long the job stood still at most, nanoseconds; empty when it takes too long
   */
  Optional<Long> awaitOpen(Duration timeout) throws InterruptedException {
    if (!awaitOpen(System.nanoTime() + timeout.toNanos())) {
      return Optional.empty();
    }
    logDriver();
    synchronized (job) {
      long longest = 0;
      for (Member member : job.members()) {
        Resumed resumed = member.resumed();
        longest = resumed == null ? longest : Math.max(longest, resumed.stopNs());
      }
      return Optional.of(longest + driverNs);
    }
  }

  /** Not before the job goes on, nor with its lock: a log may block. */
  private void logDriver() {
    if (!byDriver.isEmpty()) {
      LOG.info(
          "epoch %d: the kernel driver stopped %d processes in %.1f ms"
              .formatted(epoch, byDriver.size(), driverNs / 1e6));
    }
  }

  private boolean awaitOpen(long deadline) throws InterruptedException {
    synchronized (job) {
      while (job.members().stream().anyMatch(Barrier::isLeaving)) {
        if (!job.awaitChange(deadline)) {
          return false;
        }
      }
      return true;
    }
  }

  private static boolean isLeaving(Member member) {
    return member.state() == Member.State.RELEASED || member.state() == Member.State.WITHDRAWN;
  }

  private void refuseWhatRefused(ProcView proc) throws Refusal {
    if (job.phase() == Phase.ENDED) {
      throw new Refusal("the job has ended");
    }
    for (Member member : job.members()) {
      refuseIfRefused(member, proc::name);
    }
  }

  /** Passes on why a process does not stand still, if it said so. */
  static void refuseIfRefused(Member member, ProcessNamer namer) throws Refusal {
    String refusal = member.refusal();
    if (refusal != null) {
      throw new Refusal(namer.name(member.pid()) + ": " + refusal);
    }
  }

  /** Who is missing; empty: not every connected process stands still yet. */
  private Optional<List<Integer>> survey(ProcView proc) {
    Map<Integer, Quiesced> stopped = stopped();
    if (stopped.isEmpty() || stopped.size() < job.members().size()) {
      return Optional.empty();
    }
    Set<Integer> others = new LinkedHashSet<>(proc.orphans());
    stopped.values().forEach(one -> one.children().forEach(child -> others.add(child.pid())));
    others.removeAll(stopped.keySet());
    // What has ended meanwhile is a zombie, or was nobody's concern.
    others.removeIf(pid -> !proc.lives(pid));
    return Optional.of(List.copyOf(others));
  }

  private Map<Integer, Quiesced> stopped() {
    Map<Integer, Quiesced> stopped = new TreeMap<>();
    for (Member member : job.members()) {
      @Nullable Quiesced children = member.quiesced();
      if (member.state() == Member.State.HELD && children != null) {
        stopped.put(member.pid(), children);
      }
    }
    return stopped;
  }

  private Refusal tooLate(ProcView proc, Optional<List<Integer>> survey, Duration timeout) {
    String within = " within " + timeout.toMillis() + " ms";
    List<Integer> silent =
        job.members().stream()
            .filter(member -> member.state() != Member.State.HELD)
            .map(Member::pid)
            .collect(Collectors.toList());
    if (!silent.isEmpty()) {
      int pid = silent.get(0);
      String why =
          proc.stat(pid).filter(ProcStat::stopped).isPresent()
              ? " is stopped by a signal: continue it first"
              : " did not come to a stop" + within;
      return new Refusal(proc.name(pid) + why);
    }
    List<Integer> missing = survey.orElse(List.of());
    if (missing.isEmpty()) {
      return new Refusal("no process of the job has connected" + within);
    }
    return job.withoutInterceptor(proc.name(missing.get(0)), missing.get(0));
  }
}
