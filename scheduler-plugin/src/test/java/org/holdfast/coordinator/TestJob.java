// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Settings;
import org.holdfast.image.JobFolder;
import org.holdfast.image.JobRecord;
import org.holdfast.image.JobState;
import org.holdfast.image.Store;

/**
 * A job in a store of its own. Its index is a file, or the database that {@code
 * -Dholdfast.test.url} names.
 */
final class TestJob {
  private TestJob() {}

  static ManagedJob in(Path folder, int keep) throws IOException {
    JobFolder job =
        new Store(folder.resolve("store"))
            .create(
                id ->
                    new JobRecord(
                        JobRecord.SCHEMA,
                        id,
                        "",
                        List.of("sleep", "1000"),
                        "/",
                        Map.of(),
                        022,
                        "somebody",
                        "node",
                        Optional.empty(),
                        keep,
                        Instant.now(),
                        JobState.RUNNING,
                        Optional.empty()));
    return at(folder, job);
  }

  static ManagedJob at(Path folder, JobFolder job) throws IOException {
    return new ManagedJob(
        job,
        Files.createDirectories(folder.resolve("r")),
        Files.createDirectories(folder.resolve("state")));
  }

  static Settings settings() {
    Settings defaults = Settings.defaults();
    Properties database = new Properties();
    String url = System.getProperty("holdfast.test.url", "");
    if (!url.isEmpty()) {
      database.setProperty("spring.datasource.url", url);
      database.setProperty(
          "spring.datasource.username", System.getProperty("holdfast.test.user", ""));
      database.setProperty(
          "spring.datasource.password", System.getProperty("holdfast.test.password", ""));
    }
    return new Settings(
        defaults.interval(),
        defaults.keep(),
        defaults.level(),
        1,
        defaults.freezeTimeout(),
        defaults.external(),
        database);
  }

  /** Name and status of every Batch execution of a job, in the order they were made. */
  static List<String> executions(ManagedJob job) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection connection = new Database(settings(), job).plain("").getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT I.JOB_NAME, E.STATUS FROM BATCH_JOB_EXECUTION E"
                    + " JOIN BATCH_JOB_INSTANCE I ON I.JOB_INSTANCE_ID = E.JOB_INSTANCE_ID"
                    + " JOIN BATCH_JOB_EXECUTION_PARAMS P"
                    + " ON P.JOB_EXECUTION_ID = E.JOB_EXECUTION_ID"
                    + " AND P.PARAMETER_NAME = 'store' AND P.PARAMETER_VALUE = '"
                    + job.store()
                    + "' ORDER BY E.JOB_EXECUTION_ID")) {
      while (rows.next()) {
        found.add(rows.getString(1) + " " + rows.getString(2));
      }
    }
    return found;
  }
}
