// SPDX-License-Identifier: Apache-2.0
package org.holdfast.coordinator.operation;

import java.io.IOException;
import java.sql.SQLException;
import org.holdfast.coordinator.wire.PeerException;
import org.holdfast.failure.ExitCode;
import org.holdfast.failure.Failure;
import org.holdfast.image.ImageDamaged;
import org.holdfast.image.NewerFormat;
import org.holdfast.image.NoSuchEpoch;
import org.holdfast.image.NoSuchJob;
import org.holdfast.runner.state.Reason;

/** Which failure the user is told about, for each kind of exception. */
public final class Failures {
  private Failures() {}

  /**
   * The failure that an exception means.
   *
   * @param about what the message begins with: the job, usually
   */
  public static Failure of(String about, Throwable error) {
    if (error instanceof Failure failure) {
      return failure;
    }
    return new Failure(code(error), about + ": " + Reason.of(error), error);
  }

  private static ExitCode code(Throwable error) {
    if (error instanceof PeerException peer) {
      return peer.kind() == PeerException.Kind.REFUSED ? ExitCode.REFUSED : ExitCode.INTERNAL;
    }
    if (error instanceof ImageDamaged
        || error instanceof NewerFormat
        || error instanceof NoSuchEpoch) {
      return ExitCode.BAD_IMAGE;
    }
    if (error instanceof NoSuchJob) {
      return ExitCode.USAGE;
    }
    if (error instanceof IOException) {
      return ExitCode.STORE;
    }
    return error instanceof SQLException ? ExitCode.STORE : ExitCode.INTERNAL;
  }
}
