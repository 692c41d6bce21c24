// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A job as {@code job.json} keeps it: what was run, where, and how it is to be checkpointed.
 *
 * @param schema version of this record's format
 * @param id the job's number, unique in its store
 * @param name a label, possibly empty; not necessarily unique
 * @param command the program and its arguments
 * @param directory the working directory it was started in
 * @param environment the environment it was started with
 * @param umask the file mode creation mask it was started with
 * @param user name of the user it runs as
 * @param host name of the host it was started on
 * @param interval time between periodic checkpoints; empty: none
 * @param keep how many good checkpoints are kept, at least 1
 * @param created when it was started
 * @param state what it was last known to do
 * @param exitStatus how its root process ended, as wait(2) gives it
 */
public record JobRecord(
    int schema,
    long id,
    String name,
    List<String> command,
    String directory,
    Map<String, String> environment,
    int umask,
    String user,
    String host,
    Optional<Duration> interval,
    int keep,
    Instant created,
    JobState state,
    Optional<Integer> exitStatus) {

  /** The schema version that this Holdfast writes, and the newest that it reads. */
  public static final int SCHEMA = 1;

  /** Checks and copies. */
  public JobRecord {
    Check.that(schema >= 1 && schema <= SCHEMA, "unknown schema version " + schema);
    Check.that(id > 0, "job number is not positive: " + id);
    Objects.requireNonNull(name, "name");
    command = List.copyOf(command);
    Check.that(!command.isEmpty(), "command is empty");
    Objects.requireNonNull(directory, "directory");
    environment = Collections.unmodifiableMap(new TreeMap<>(environment));
    Check.that(umask >= 0 && umask <= 0777, "umask is out of range: " + umask);
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(interval, "interval");
    Check.that(keep >= 1, "keep is less than 1: " + keep);
    Objects.requireNonNull(created, "created");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(exitStatus, "exitStatus");
  }

  /** This job in another state; its exit status is empty unless it has {@link JobState#EXITED}. */
  public JobRecord withState(JobState newState, Optional<Integer> newExitStatus) {
    return new JobRecord(
        schema,
        id,
        name,
        command,
        directory,
        environment,
        umask,
        user,
        host,
        interval,
        keep,
        created,
        newState,
        newExitStatus);
  }
}
