// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.holdfast.coordinator.host.Then;
import org.holdfast.coordinator.index.CheckpointRow;
import org.holdfast.coordinator.operation.CheckpointResult;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Progress;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.image.JobState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Batch jobs against a runner over a real socket and a real store. */
final class CoordinatorServiceTest {
  @TempDir Path folder;
  private ManagedJob job;
  private FakeRunner runner;
  private CoordinatorService coordinator;

  @BeforeEach
  void open() throws IOException {
    job = TestJob.in(folder, 2);
    JobLog.open(job);
    runner = new FakeRunner(job.runtime());
    coordinator = CoordinatorService.open(job, TestJob.settings()).orElseThrow();
  }

  @AfterEach
  void close() throws IOException {
    coordinator.close();
    runner.close();
  }

  @Test
  void commitsInTheOrderOfThePhases() throws Exception {
    Queue<Progress> progress = new ConcurrentLinkedQueue<>();

    CheckpointResult result = coordinator.checkpoint(Then.CONTINUE, progress::add);

    assertThat(runner.operations())
        .containsExactly("prepare", "quiesce", "drain", "capture", "resume", "write");
    assertThat(result.epoch()).isEqualTo(1);
    assertThat(result.processes()).isEqualTo(1);
    assertThat(result.threads()).isEqualTo(2);
    assertThat(result.stopNs()).isEqualTo(1_500_000);
    assertThat(result.warnings()).isEmpty();
    assertThat(progress).extracting(Progress::phase).contains("prepare", "freeze", "commit");
    assertThat(progress).contains(new Progress("write", 10, 100));
    assertThat(job.folder().manifest(1).processes()).hasSize(1);
    assertThat(coordinator.history())
        .extracting(CheckpointRow::status)
        .containsExactly(CheckpointRow.Status.COMMITTED);
    coordinator.close();
    assertThat(TestJob.executions(job)).containsExactly("checkpoint COMPLETED");
    assertThat(new Database(TestJob.settings(), job).history()).hasSize(1);
  }

  @Test
  @Timeout(60)
  void callsNoDatabaseWhileTheJobStandsStill() throws Exception {
    assumeThat(System.getProperty("holdfast.test.url", "")).isEmpty();
    coordinator.history();
    // Until it is given up, every other connection to the database waits.
    try (Connection only = new Database(TestJob.settings(), job).plain("").getConnection();
        Statement statement = only.createStatement()) {
      runner.on("quiesce", () -> statement.execute("SET EXCLUSIVE 1"));
      runner.on("resume", () -> statement.execute("SET EXCLUSIVE FALSE"));

      assertThat(coordinator.checkpoint(Then.CONTINUE, progress -> {}).epoch()).isEqualTo(1);
    }
  }

  @Test
  void aRefusalLeavesTheJobAlone() throws Exception {
    runner.on(
        "prepare",
        () -> {
          throw new FakeRunner.Refused("process 7 (fake): descriptor 3 is a socket");
        });

    assertThatThrownBy(() -> coordinator.checkpoint(Then.CONTINUE, progress -> {}))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.code()).isEqualTo(ExitCode.REFUSED))
        .hasMessage("job 1: process 7 (fake): descriptor 3 is a socket");

    assertThat(runner.operations()).containsExactly("prepare", "abort");
    assertThat(job.folder().path().resolve("1.partial")).doesNotExist();
    assertThat(job.folder().epochs()).isEmpty();
    assertThat(coordinator.history())
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.status()).isEqualTo(CheckpointRow.Status.FAILED);
              assertThat(row.reason()).contains("descriptor 3 is a socket");
            });
    coordinator.close();
    assertThat(TestJob.executions(job)).containsExactly("checkpoint FAILED");
  }

  @Test
  void anEpochIsNotUsedAgainAfterAFailure() {
    runner.on(
        "capture",
        () -> {
          throw new FakeRunner.Refused("no");
        });
    assertThatThrownBy(() -> coordinator.checkpoint(Then.CONTINUE, progress -> {}))
        .isInstanceOf(Failure.class);
    assertThat(runner.operations()).doesNotContain("resume").endsWith("abort");
    runner.on("capture", () -> {});

    assertThat(coordinator.checkpoint(Then.CONTINUE, progress -> {}).epoch()).isEqualTo(2);
  }

  @Test
  void theRunnersDeathIsAFailure() throws Exception {
    runner.on("write", () -> runner.die());

    assertThatThrownBy(() -> coordinator.checkpoint(Then.CONTINUE, progress -> {}))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("went away during 'write'");

    assertThat(job.folder().path().resolve("1.partial")).doesNotExist();
    assertThat(coordinator.history())
        .extracting(CheckpointRow::status)
        .containsExactly(CheckpointRow.Status.FAILED);
    assertThatThrownBy(() -> coordinator.checkpoint(Then.CONTINUE, progress -> {}))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.code()).isEqualTo(ExitCode.REFUSED))
        .hasMessageContaining("does not run on this host");
  }

  @Test
  void whatTheStoreDoesNotTakeIsNotCommitted() throws Exception {
    runner.lie();

    assertThatThrownBy(() -> coordinator.checkpoint(Then.CONTINUE, progress -> {}))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("job 1");

    assertThat(job.folder().epochs()).isEmpty();
    assertThat(job.folder().path().resolve("1.partial")).doesNotExist();
  }

  @Test
  void theJobStandsStillUntilItsLastCheckpointIsCommitted() throws Exception {
    runner.on(
        "then", () -> assertThat(job.folder().record().state()).isEqualTo(JobState.TERMINATED));

    coordinator.checkpoint(Then.TERMINATE, progress -> {});

    assertThat(runner.operations())
        .containsExactly("prepare", "quiesce", "drain", "capture", "write", "then");
    assertThat(job.folder().manifest(1)).isNotNull();
    assertThat(job.folder().record().state()).isEqualTo(JobState.TERMINATED);
  }

  @Test
  void aJobThatCannotBeEndedGoesOn() throws Exception {
    runner.on(
        "then",
        () -> {
          throw new FakeRunner.Refused("no");
        });

    CheckpointResult result = coordinator.checkpoint(Then.TERMINATE, progress -> {});

    assertThat(result.warnings()).singleElement().asString().contains("no");
    assertThat(runner.operations()).endsWith("then", "abort");
    assertThat(job.folder().record().state()).isEqualTo(JobState.RUNNING);
    assertThat(job.folder().manifest(1)).isNotNull();
  }

  @Test
  void keepsAsManyAsTheJobWants() throws Exception {
    for (int i = 0; i < 3; i++) {
      coordinator.checkpoint(Then.CONTINUE, progress -> {});
    }

    assertThat(job.folder().epochs()).extracting("epoch").containsExactly(2, 3);
    assertThat(coordinator.history())
        .extracting(CheckpointRow::status)
        .containsExactly(
            CheckpointRow.Status.PRUNED,
            CheckpointRow.Status.COMMITTED,
            CheckpointRow.Status.COMMITTED);
    assertThat(coordinator.prune(1)).containsExactly(2);
    assertThat(coordinator.prune(1)).isEmpty();
  }

  @Test
  void verifiesEveryByte() throws Exception {
    coordinator.checkpoint(Then.CONTINUE, progress -> {});
    assertThat(coordinator.verify(OptionalInt.empty(), progress -> {}))
        .singleElement()
        .satisfies(verdict -> assertThat(verdict.good()).isTrue());
    Path image = job.folder().epochPath(1).resolve("node/7.tar.zst");
    byte[] bytes = Files.readAllBytes(image);
    bytes[bytes.length / 2] ^= 1;
    Files.write(image, bytes);

    assertThat(coordinator.verify(OptionalInt.of(1), progress -> {}))
        .singleElement()
        .satisfies(
            verdict ->
                assertThat(verdict.damage()).singleElement().asString().contains("7.tar.zst"));
    assertThatThrownBy(() -> coordinator.verify(OptionalInt.of(9), progress -> {}))
        .hasMessageContaining("no checkpoint 9");
  }

  @Test
  void anotherProcessAsksOverTheSocket() throws Exception {
    Queue<Progress> progress = new ConcurrentLinkedQueue<>();
    // Long enough for progress to be passed through.
    runner.on("write", () -> Thread.sleep(300));
    try (JobCoordinator remote = Coordinators.of(job, TestJob.settings())) {
      assertThat(remote).isInstanceOf(RemoteCoordinator.class);

      CheckpointResult result = remote.checkpoint(Then.CONTINUE, progress::add);

      assertThat(result.epoch()).isEqualTo(1);
      assertThat(progress).isNotEmpty();
      assertThat(remote.history()).hasSize(1);
      assertThat(remote.verify(OptionalInt.of(1), at -> {})).hasSize(1);
      assertThatThrownBy(() -> remote.verify(OptionalInt.of(4), at -> {}))
          .isInstanceOfSatisfying(
              Failure.class, failure -> assertThat(failure.code()).isEqualTo(ExitCode.BAD_IMAGE));
      assertThat(remote.reindex()).isEqualTo(1);
      assertThat(remote.prune(1)).isEmpty();
    }
    assertThat(CoordinatorService.open(job, TestJob.settings())).isEmpty();
  }

  @Test
  void recordsTheLaunch() throws Exception {
    Coordinator own = Coordinator.start(job, TestJob.settings());
    own.launched();
    own.restarted(3);
    own.close();

    assertThat(TestJob.executions(job)).containsExactly("launch COMPLETED", "restart COMPLETED");
  }

  @Test
  void reindexFollowsTheStore() throws Exception {
    coordinator.checkpoint(Then.CONTINUE, progress -> {});
    coordinator.close();
    for (String file : List.of("index.mv.db", "index.trace.db")) {
      Files.deleteIfExists(job.state().resolve(file));
    }
    coordinator = CoordinatorService.open(job, TestJob.settings()).orElseThrow();

    assertThat(coordinator.reindex()).isEqualTo(1);
    assertThat(coordinator.history())
        .extracting(CheckpointRow::epoch, CheckpointRow::status)
        .containsExactly(tuple(1, CheckpointRow.Status.COMMITTED));
  }
}
