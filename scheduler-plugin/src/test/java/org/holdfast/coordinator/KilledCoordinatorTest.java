// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.holdfast.coordinator.host.Then;
import org.holdfast.coordinator.index.CheckpointRow;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.image.Store;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A coordinator that is killed in the middle of a checkpoint, and the next one. */
final class KilledCoordinatorTest {
  @TempDir Path folder;

  @Test
  void theNextOneCleansUpAndGoesOn() throws Exception {
    ManagedJob job = TestJob.in(folder, 3);
    JobLog.open(job);
    try (FakeRunner runner = new FakeRunner(job.runtime())) {
      CountDownLatch writing = new CountDownLatch(1);
      CountDownLatch killed = new CountDownLatch(1);
      runner.on(
          "write",
          () -> {
            writing.countDown();
            killed.await();
          });
      Process victim = coordinatorProcess();
      assertThat(writing.await(60, TimeUnit.SECONDS)).isTrue();
      victim.destroyForcibly().waitFor();
      runner.on("write", () -> {});
      killed.countDown();

      try (CoordinatorService next =
          CoordinatorService.open(job, TestJob.settings()).orElseThrow()) {
        assertThat(next.history())
            .singleElement()
            .satisfies(
                row -> {
                  assertThat(row.status()).isEqualTo(CheckpointRow.Status.FAILED);
                  assertThat(row.reason()).isEqualTo("its coordinator was killed");
                });
        assertThat(next.checkpoint(Then.CONTINUE, progress -> {}).epoch()).isEqualTo(2);
        assertThat(runner.operations()).containsSubsequence("write", "abort", "prepare", "write");
        assertThat(job.folder().path().resolve("1.partial")).doesNotExist();
        assertThat(next.history())
            .extracting(CheckpointRow::status)
            .containsExactly(CheckpointRow.Status.FAILED, CheckpointRow.Status.COMMITTED);
      }
    }
    assertThat(TestJob.executions(job))
        .containsExactly("checkpoint FAILED", "checkpoint COMPLETED");
  }

  private Process coordinatorProcess() throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "-Dholdfast.test.url=" + System.getProperty("holdfast.test.url", ""),
            "-Dholdfast.test.user=" + System.getProperty("holdfast.test.user", ""),
            "-Dholdfast.test.password=" + System.getProperty("holdfast.test.password", ""),
            Victim.class.getName(),
            folder.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("victim.log").toFile())
        .start();
  }

  /** The process that is killed. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] arguments) throws Exception {
      Path folder = Path.of(arguments[0]);
      ManagedJob job = TestJob.at(folder, new Store(folder.resolve("store")).job(1));
      JobLog.open(job);
      CoordinatorService.open(job, TestJob.settings())
          .orElseThrow()
          .checkpoint(Then.CONTINUE, progress -> {});
    }
  }
}
