// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.image.JobRecord;
import org.holdfast.image.JobState;
import org.holdfast.image.Store;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands that need no node runner: what they print, and what they exit with. */
final class HoldfastTest {
  private static final int USAGE = 64;
  private static final int BAD_IMAGE = 65;
  private static final int REFUSED = 69;
  private static final int NOT_FOUND = 127;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  @TempDir Path folder;
  private Store store;

  @BeforeEach
  void open() {
    store = new Store(folder.resolve("store"));
  }

  @Test
  void helpNamesEveryCommand() {
    assertThat(run("--help")).isZero();
    assertThat(out())
        .contains(
            "run",
            "checkpoint",
            "restart",
            "jobs",
            "show",
            "inspect",
            "verify",
            "prune",
            "reindex");
  }

  @Test
  void versionIsOneLine() {
    assertThat(run("--version")).isZero();
    assertThat(out()).matches("holdfast \\S+\\R");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fly",
        "run",
        "checkpoint",
        "checkpoint 1 --then fly",
        "run --interval soon -- true",
        "run --interval 0s -- true",
        "run --name 17 -- true",
        "restart 1 --epoch last",
        "prune --keep 0",
        "show nobody",
        "show 7"
      })
  void wrongUsageIsOneLine(String arguments) {
    assertThat(run(arguments.split(" "))).isEqualTo(USAGE);
    assertThat(err()).startsWith("holdfast: ").hasLineCount(1);
    assertThat(out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "no-such-program,127,not found",
    "./file,126,not executable",
    "./,126,is a directory"
  })
  void aCommandThatCannotRun(String command, int code, String message) throws IOException {
    Files.writeString(folder.resolve("file"), "text");
    assertThat(run("run", "--", command)).isEqualTo(code);
    assertThat(err()).contains(command, message).hasLineCount(1);
    assertThat(folder.resolve("store")).doesNotExist();
  }

  @Test
  void theCommandsOptionsAreItsOwn() {
    // Were --help Holdfast's, this would print the usage.
    assertThat(run("run", "no-such-program", "--help")).isEqualTo(NOT_FOUND);
  }

  @Test
  void listsJobs() throws IOException {
    assertThat(run("jobs")).isZero();
    assertThat(out()).hasLineCount(1).startsWith("JOB");
    job("first", JobState.EXITED);
    job("", JobState.RUNNING);
    out.reset();

    assertThat(run("jobs")).isZero();

    List<String> lines = out().lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(1)).contains("first", "exited 3", "sleep 5");
    // Nothing of it is alive.
    assertThat(lines.get(2)).contains("lost");
  }

  @Test
  void listsJobsAsJson() throws IOException {
    job("first", JobState.EXITED);
    assertThat(run("jobs", "--json")).isZero();
    assertThat(out()).contains("\"id\" : 1", "\"state\" : \"exited\"", "\"exitCode\" : 3");
  }

  @Test
  void showsAJobByItsName() throws IOException {
    job("first", JobState.EXITED);
    assertThat(run("show", "first")).isZero();
    assertThat(out()).contains("job         1 (first)", "exited 3", "interval    30m", "EPOCH");
  }

  @Test
  void aNameThatSeveralHaveNamesNone() throws IOException {
    job("twin", JobState.EXITED);
    job("twin", JobState.EXITED);
    assertThat(run("show", "twin")).isEqualTo(USAGE);
    assertThat(err()).contains("2 jobs are named 'twin'");
  }

  @Test
  void saysWhatToDoWithAJobThatDoesNotRun() throws IOException {
    job("first", JobState.LOST);
    assertThat(run("checkpoint", "first")).isEqualTo(REFUSED);
    assertThat(err()).contains("job 1 does not run", "'holdfast restart 1'").hasLineCount(1);
    err.reset();
    assertThat(run("restart", "first")).isEqualTo(BAD_IMAGE);
    assertThat(err()).contains("job 1 has no checkpoint yet").hasLineCount(1);
    err.reset();
    assertThat(run("inspect", "first")).isEqualTo(BAD_IMAGE);
  }

  @Test
  void leavesNoRuntimeFolderBehind() throws IOException {
    job("first", JobState.LOST);
    run("restart", "first");
    run("show", "first");
    assertThat(folder.resolve("runtime/1")).doesNotExist();
  }

  private void job(String name, JobState state) throws IOException {
    store.create(
        id ->
            new JobRecord(
                JobRecord.SCHEMA,
                id,
                name,
                List.of("sleep", "5"),
                "/",
                Map.of(),
                022,
                "somebody",
                Host.name(),
                Optional.of(Duration.ofMinutes(30)),
                3,
                Instant.now(),
                state,
                state == JobState.EXITED ? Optional.of(3 << 8) : Optional.empty()));
  }

  private int run(String... arguments) {
    Session session =
        new Session(
            Map.of(
                "PATH", "/usr/bin:/bin",
                "HOLDFAST_HOME", folder.toString(),
                "HOLDFAST_STORE", folder.resolve("store").toString(),
                "HOLDFAST_RUNTIME", folder.resolve("runtime").toString(),
                "HOLDFAST_CONFIG", folder.resolve("none").toString(),
                "XDG_STATE_HOME", folder.resolve("state").toString()),
            folder,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Holdfast(session).run(arguments);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
