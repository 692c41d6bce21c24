// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.operation;

import org.holdfast.coordinator.host.Hosts;
import org.holdfast.coordinator.host.RunnerStatus;
import org.holdfast.coordinator.wire.PeerException;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A launch or a restart, as the coordinator sees it: every host's runner has its processes. */
public final class StartRun {
  private static final Logger LOG = LoggerFactory.getLogger(StartRun.class);

  private final ManagedJob job;
  private final Hosts hosts;

  /** A launch or restart on these hosts. */
  public StartRun(ManagedJob job, Hosts hosts) {
    this.job = job;
    this.hosts = hosts;
  }

  /** Makes sure that a host's part of the job runs. */
  public void confirm(String host) throws PeerException {
    RunnerStatus status = hosts.runner(host).status();
    if (status.rootPid() == 0) {
      throw new Failure(
          ExitCode.INTERNAL, "%s: has no root process on %s".formatted(job.label(), host));
    }
    LOG.info(
        "{}: {} process(es) on {}, root {}",
        job.label(),
        status.processes().size(),
        host,
        status.rootPid());
  }
}
