// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.holdfast.coordinator.operation.ManagedJob;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A job's runtime folder, which goes when the job does not run any more. */
final class RuntimeFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RuntimeFolder.class);
  private static final List<String> FILES =
      List.of(
          "job.sock",
          "control.sock",
          "coordinator.sock",
          "runner.pid",
          "runner.log",
          "coordinator.lock");

  private final ManagedJob job;

  private RuntimeFolder(ManagedJob job) {
    this.job = job;
  }

  /** The folder of a job. */
  static RuntimeFolder of(ManagedJob job) {
    return new RuntimeFolder(job);
  }

  /** Removes it, unless something of the job is alive. */
  @Override
  public void close() {
    if (Liveness.of(job).running()) {
      return;
    }
    try {
      for (String file : FILES) {
        Files.deleteIfExists(job.runtime().resolve(file));
      }
      Files.deleteIfExists(job.runtime());
    } catch (IOException e) {
      LOG.warn("{}: cannot remove its runtime folder", job.label(), e);
    }
  }
}
