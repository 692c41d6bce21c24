// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.holdfast.coordinator.operation.EpochVerdict;
import org.holdfast.coordinator.operation.Failures;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Settings;
import org.holdfast.coordinator.operation.VerifyRun;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.image.FramePool;
import org.holdfast.image.StoredEpoch;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints that a restart may use, newest first. A restart verifies each byte that it reads,
 * so a checkpoint is not read in full beforehand: only one that failed is verified, to tell a
 * damaged checkpoint, after which an older one is tried, from any other reason.
 */
final class Candidates {
  private final Session session;
  private final ManagedJob job;
  private final Settings settings;
  private final boolean chosen;
  private final Deque<StoredEpoch> left;

  /**
   * @param epoch the only one that may be used, null: any
   * @throws Failure when there is none at all
   */
  Candidates(Session session, ManagedJob job, Settings settings, @Nullable Integer epoch)
      throws IOException {
    this.session = session;
    this.job = job;
    this.settings = settings;
    this.chosen = epoch != null;
    List<StoredEpoch> newestFirst = new ArrayList<>(job.folder().epochs());
    Collections.reverse(newestFirst);
    if (newestFirst.isEmpty()) {
      throw new Failure(
          ExitCode.BAD_IMAGE,
          "%s has no checkpoint yet: start it anew with 'holdfast run'".formatted(job.label()));
    }
    if (epoch != null) {
      newestFirst.removeIf(stored -> stored.epoch() > epoch);
      if (newestFirst.isEmpty() || newestFirst.get(0).epoch() != epoch) {
        throw new Failure(
            ExitCode.BAD_IMAGE,
            "%s has no checkpoint %d: 'holdfast show %d' lists them"
                .formatted(job.label(), epoch, job.id()));
      }
    }
    this.left = new ArrayDeque<>(newestFirst);
  }

  /**
   * The checkpoint to try next.
   *
   * @throws Failure when there is no usable one
   */
  int next() {
    while (!left.isEmpty()) {
      StoredEpoch stored = left.removeFirst();
      if (stored instanceof StoredEpoch.Readable) {
        return stored.epoch();
      }
      passOver(stored, verify(stored));
    }
    throw new Failure(
        ExitCode.BAD_IMAGE,
        "%s has no usable checkpoint: 'holdfast verify %d' tells why"
            .formatted(job.label(), job.id()));
  }

  /**
   * Deals with a restart that failed.
   *
   * @throws Failure when the checkpoint is not at fault, or no other may be used
   */
  void failed(int epoch, String reason) {
    try {
      StoredEpoch stored = new StoredEpoch.Readable(job.folder().manifest(epoch));
      EpochVerdict verdict = verify(stored);
      if (verdict.good()) {
        throw new Failure(
            ExitCode.REFUSED,
            "%s: cannot restart from checkpoint %d: %s".formatted(job.label(), epoch, reason));
      }
      passOver(stored, verdict);
    } catch (IOException e) {
      throw Failures.of(job.label(), e);
    }
  }

  private void passOver(StoredEpoch stored, EpochVerdict verdict) {
    String what =
        "%s: checkpoint %d %s: %s"
            .formatted(
                job.label(),
                stored.epoch(),
                stored instanceof StoredEpoch.Newer ? "cannot be used" : "is damaged",
                verdict.damage().get(0));
    Optional<Integer> good = nextGood();
    if (chosen || good.isEmpty()) {
      throw new Failure(
          ExitCode.BAD_IMAGE,
          good.map(
                  epoch ->
                      "%s; checkpoint %d is good: 'holdfast restart %d --epoch %d'"
                          .formatted(what, epoch, job.id(), epoch))
              .orElse(what + "; there is no older good one"));
    }
    session.note("%s; going back to checkpoint %d".formatted(what, good.get()));
  }

  /** The newest good one of those left; damaged ones before it are dropped. */
  private Optional<Integer> nextGood() {
    while (!left.isEmpty()) {
      if (verify(left.getFirst()).good()) {
        return Optional.of(left.getFirst().epoch());
      }
      left.removeFirst();
    }
    return Optional.empty();
  }

  private EpochVerdict verify(StoredEpoch stored) {
    try (FramePool pool = new FramePool(settings.writers())) {
      return VerifyRun.verdict(job, stored, pool);
    } catch (IOException e) {
      throw Failures.of(job.label(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(ExitCode.INTERNAL, "interrupted", e);
    }
  }
}
