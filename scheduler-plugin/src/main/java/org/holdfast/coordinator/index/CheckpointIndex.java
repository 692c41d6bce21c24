// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.index;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * One job's checkpoints in the database. The store is the truth; this adds what the store cannot
 * tell: which attempts failed, and why, so that their numbers are not used again.
 *
 * <p>Plain JDBC, because the command line reads it too, without Spring.
 */
public final class CheckpointIndex {
  private static final int VERSION = 1;
  private static final String COLUMNS =
      "EPOCH, STATUS, STARTED, PROCESSES, RAW_BYTES, STORED_BYTES, STOP_NS, WRITE_NS, REASON";
  private static final String WHERE = " WHERE STORE = ? AND JOB = ?";
  private static final int MOST_REASON = 4000;

  private final DataSource database;
  private final String store;
  private final long job;

  /**
   * @param database the index's; see {@link #create}
   * @param store where the job's checkpoints are; part of the key, for one database may serve many
   * @param job its number there
   */
  public CheckpointIndex(DataSource database, Path store, long job) {
    this.database = database;
    this.store = store.toString();
    this.job = job;
  }

  /**
   * Makes the tables that are missing.
   *
   * @throws SQLException when the database has tables of a newer version, or cannot be used
   */
  public void create() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      for (String command : schema()) {
        statement.execute(command);
      }
      try (ResultSet rows = statement.executeQuery("SELECT MAX(VERSION) FROM HOLDFAST_SCHEMA")) {
        rows.next();
        int found = rows.getInt(1);
        if (found == 0) {
          statement.execute("INSERT INTO HOLDFAST_SCHEMA VALUES (" + VERSION + ")");
        } else if (found != VERSION) {
          throw new SQLException(
              "the index has version %d, this Holdfast works with version %d"
                  .formatted(found, VERSION));
        }
      }
    }
  }

  /** All checkpoints, oldest first. */
  public List<CheckpointRow> rows() throws SQLException {
    List<CheckpointRow> found = new ArrayList<>();
    try (Connection connection = database.getConnection();
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT " + COLUMNS + " FROM HOLDFAST_CHECKPOINT" + WHERE + " ORDER BY EPOCH")) {
      key(query, 1);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          found.add(row(rows));
        }
      }
    }
    return found;
  }

  /** 1 + the largest number of any checkpoint, failed and removed ones too. */
  public int nextEpoch() throws SQLException {
    return 1 + rows().stream().mapToInt(CheckpointRow::epoch).max().orElse(0);
  }

  /** Notes that a checkpoint was removed from the store. */
  public void prune(int epoch) throws SQLException {
    for (CheckpointRow row : rows()) {
      if (row.epoch() == epoch) {
        put(row.pruned());
      }
    }
  }

  /** Puts a checkpoint in the place of what was known of it. */
  public void put(CheckpointRow row) throws SQLException {
    try (Connection connection = database.getConnection()) {
      boolean single = connection.getAutoCommit();
      connection.setAutoCommit(false);
      try {
        replace(connection, row);
        connection.commit();
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(single);
      }
    }
  }

  private void replace(Connection connection, CheckpointRow row) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM HOLDFAST_CHECKPOINT" + WHERE + " AND EPOCH = ?")) {
      key(delete, 1);
      delete.setInt(3, row.epoch());
      delete.executeUpdate();
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO HOLDFAST_CHECKPOINT (STORE, JOB, "
                + COLUMNS
                + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      key(insert, 1);
      insert.setInt(3, row.epoch());
      insert.setString(4, row.status().name());
      insert.setObject(5, OffsetDateTime.ofInstant(row.started(), ZoneOffset.UTC));
      insert.setInt(6, row.processes());
      insert.setLong(7, row.rawBytes());
      insert.setLong(8, row.storedBytes());
      insert.setLong(9, row.stopNs());
      insert.setLong(10, row.writeNs());
      String reason = row.reason();
      insert.setString(11, reason.substring(0, Math.min(reason.length(), MOST_REASON)));
      insert.executeUpdate();
    }
  }

  private void key(PreparedStatement statement, int from) throws SQLException {
    statement.setString(from, store);
    statement.setLong(from + 1, job);
  }

  private static CheckpointRow row(ResultSet rows) throws SQLException {
    return new CheckpointRow(
        rows.getInt("EPOCH"),
        CheckpointRow.Status.valueOf(rows.getString("STATUS")),
        rows.getObject("STARTED", OffsetDateTime.class).toInstant(),
        rows.getInt("PROCESSES"),
        rows.getLong("RAW_BYTES"),
        rows.getLong("STORED_BYTES"),
        rows.getLong("STOP_NS"),
        rows.getLong("WRITE_NS"),
        rows.getString("REASON"));
  }

  private static List<String> schema() {
    try (InputStream script = CheckpointIndex.class.getResourceAsStream("schema.sql")) {
      if (script == null) {
        throw new IllegalStateException("schema.sql is not on the class path");
      }
      String text = new String(script.readAllBytes(), StandardCharsets.UTF_8);
      return Pattern.compile(";\\s*").splitAsStream(text).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
