// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;
import org.h2.api.ErrorCode;
import org.holdfast.coordinator.index.CheckpointIndex;
import org.holdfast.coordinator.index.CheckpointRow;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Settings;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * Where a job's index and Batch executions are: a file of its own, which only its one coordinator
 * opens, or the database that the configuration names, which then holds those of all jobs.
 */
public final class Database {
  private static final String URL = "spring.datasource.url";
  private static final String FILE = "index";

  private final Settings settings;
  private final ManagedJob job;

  /** The database of a job. */
  public Database(Settings settings, ManagedJob job) {
    this.settings = settings;
    this.job = job;
  }

  /** Spring Boot's properties for it. */
  Map<String, Object> properties() {
    Map<String, Object> properties = new LinkedHashMap<>();
    // What was committed is in the file also if this process is killed at once.
    String options = ";DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0";
    properties.put(URL, "jdbc:h2:file:" + job.state().resolve(FILE) + options);
    properties.put("spring.datasource.hikari.maximum-pool-size", 4);
    properties.put("spring.batch.jdbc.initialize-schema", "always");
    settings.database().forEach((name, value) -> properties.put(name.toString(), value));
    return properties;
  }

  /**
   * What the index knows, read without a coordinator: there must be none.
   *
   * @throws SQLException when it cannot be read
   */
  public List<CheckpointRow> history() throws SQLException {
    if (file().filter(path -> !Files.exists(path)).isPresent()) {
      return List.of();
    }
    return new CheckpointIndex(plain(";ACCESS_MODE_DATA=r"), job.store(), job.id())
        .rows().stream().map(CheckpointRow::settled).toList();
  }

  /**
   * Renames an index that cannot be opened, so that a new one is made.
   *
   * @return its new name; empty when it can be opened or is not a file
   * @throws Failure when it cannot be renamed
   */
  public Optional<Path> setDamagedAside() {
    Optional<Path> file = file().filter(Files::exists);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try {
      history();
      return Optional.empty();
    } catch (SQLException e) {
      if (e.getErrorCode() == ErrorCode.DATABASE_ALREADY_OPEN_1) {
        return Optional.empty();
      }
      Path aside = job.state().resolve(FILE + ".damaged");
      try {
        Files.move(file.get(), aside, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException cannot) {
        throw new Failure(
            ExitCode.STORE,
            "%s: cannot rename its index %s".formatted(job.label(), file.get()),
            cannot);
      }
      return Optional.of(aside);
    }
  }

  /**
   * The database without a pool.
   *
   * @param options what is added to a file's URL
   */
  DataSource plain(String options) {
    Map<String, Object> properties = properties();
    String url = String.valueOf(properties.get(URL));
    return new DriverManagerDataSource(
        file().isPresent() ? url + options : url,
        Objects.toString(properties.get("spring.datasource.username"), ""),
        Objects.toString(properties.get("spring.datasource.password"), ""));
  }

  /** The file, when it is one. */
  private Optional<Path> file() {
    return settings.database().containsKey(URL)
        ? Optional.empty()
        : Optional.of(job.state().resolve(FILE + ".mv.db"));
  }
}
