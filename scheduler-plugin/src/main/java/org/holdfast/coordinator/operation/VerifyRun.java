// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.operation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.image.FramePool;
import org.holdfast.image.StoredEpoch;
import org.holdfast.image.Verification;

/** Reads every byte of a job's checkpoints and compares it with the checksums. */
public final class VerifyRun {
  private final ManagedJob job;
  private final Settings settings;
  private final OptionalInt only;
  private final Consumer<Progress> progress;
  private final List<EpochVerdict> verdicts = new ArrayList<>();

  /**
   * @param only the epoch to verify; empty: all
   */
  public VerifyRun(
      ManagedJob job, Settings settings, OptionalInt only, Consumer<Progress> progress) {
    this.job = job;
    this.settings = settings;
    this.only = only;
    this.progress = progress;
  }

  /** Verifies; the verdicts are there afterwards. */
  public void verify() throws IOException, InterruptedException {
    List<StoredEpoch> epochs =
        job.folder().epochs().stream()
            .filter(stored -> only.isEmpty() || stored.epoch() == only.getAsInt())
            .toList();
    if (epochs.isEmpty() && only.isPresent()) {
      throw new Failure(
          ExitCode.BAD_IMAGE,
          "%s has no checkpoint %d: see 'holdfast show %d'"
              .formatted(job.label(), only.getAsInt(), job.id()));
    }
    try (FramePool pool = new FramePool(settings.writers())) {
      for (StoredEpoch stored : epochs) {
        progress.accept(Progress.at("verify checkpoint " + stored.epoch()));
        verdicts.add(verdict(job, stored, pool));
      }
    }
  }

  /** What was found, oldest first. */
  public List<EpochVerdict> verdicts() {
    return List.copyOf(verdicts);
  }

  /** Verifies one checkpoint. */
  public static EpochVerdict verdict(ManagedJob job, StoredEpoch stored, FramePool pool)
      throws IOException, InterruptedException {
    if (stored instanceof StoredEpoch.Readable readable) {
      List<Verification> files = job.folder().verify(readable.manifest(), pool);
      return new EpochVerdict(
          stored.epoch(),
          files.size(),
          files.stream().flatMap(file -> file.damage().stream()).toList());
    }
    String reason =
        stored instanceof StoredEpoch.Newer newer
            ? newer.reason()
            : ((StoredEpoch.Damaged) stored).reason();
    return new EpochVerdict(stored.epoch(), 0, List.of(reason));
  }
}
