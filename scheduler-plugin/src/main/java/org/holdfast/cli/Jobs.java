// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.coordinator.JobLog;
import org.holdfast.coordinator.host.PrivateFolder;
import org.holdfast.coordinator.operation.Failures;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.image.JobFolder;
import org.holdfast.image.Store;

/** The jobs of a store. */
final class Jobs {
  private final Locations locations;
  private final Path path;
  private final Store store;

  Jobs(Locations locations, Path path) {
    this.locations = locations;
    this.path = path;
    this.store = new Store(path);
  }

  /** The store itself. */
  Store store() {
    return store;
  }

  /** All jobs, by number. */
  List<ManagedJob> all() {
    try {
      List<ManagedJob> jobs = new ArrayList<>();
      if (Files.exists(path)) {
        for (JobFolder folder : store.jobs()) {
          jobs.add(managed(folder));
        }
      }
      return jobs;
    } catch (IOException e) {
      throw Failures.of("store " + path, e);
    }
  }

  /** A job with its folders. */
  ManagedJob managed(JobFolder folder) {
    return new ManagedJob(
        folder, locations.runtime(path, folder.id()), locations.state(path, folder.id()));
  }

  /** Makes a job's own folders, and sends what is logged from now on to the job's log. */
  static ManagedJob open(ManagedJob job) {
    PrivateFolder.make(job.state());
    PrivateFolder.make(job.runtime());
    JobLog.open(job);
    return job;
  }

  /**
   * Finds a job.
   *
   * @param job its number, or its name if no other has it
   * @throws Failure when there is none, or several
   */
  ManagedJob find(String job) {
    List<ManagedJob> found =
        job.matches("\\d{1,18}")
            ? all().stream().filter(known -> known.id() == Long.parseLong(job)).toList()
            : all().stream().filter(known -> hasName(known, job)).toList();
    if (found.size() > 1) {
      throw new Failure(
          ExitCode.USAGE,
          "%d jobs are named '%s': use a number that 'holdfast jobs' shows"
              .formatted(found.size(), job));
    }
    if (found.isEmpty()) {
      throw new Failure(
          ExitCode.USAGE,
          "no job '%s' in the store %s: 'holdfast jobs' lists them".formatted(job, path));
    }
    return found.get(0);
  }

  private static boolean hasName(ManagedJob job, String name) {
    try {
      return job.folder().record().name().equals(name);
    } catch (IOException e) {
      // A job whose record is damaged can be addressed by its number alone.
      return false;
    }
  }
}
