// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.io.PrintStream;
import java.util.function.Consumer;
import org.holdfast.coordinator.operation.ManagedJob;
import org.holdfast.coordinator.operation.Progress;

/** How far an operation is, in one line on the terminal; nothing when there is no terminal. */
final class ProgressLine implements Consumer<Progress>, AutoCloseable {
  private static final String ERASE = "\r\033[K";

  private final PrintStream err;
  private final String label;
  private final boolean terminal;
  private boolean shown;

  private ProgressLine(PrintStream err, String label, boolean terminal) {
    this.err = err;
    this.label = label;
    this.terminal = terminal;
  }

  /** On standard error. */
  static ProgressLine on(Session session, ManagedJob job) {
    return new ProgressLine(session.err(), job.label(), Terminal.isTerminal(2));
  }

  @Override
  public synchronized void accept(Progress progress) {
    if (terminal) {
      err.print(ERASE + label + ": " + text(progress));
      err.flush();
      shown = true;
    }
  }

  /** Takes the line away. */
  @Override
  public synchronized void close() {
    if (shown) {
      err.print(ERASE);
      err.flush();
      shown = false;
    }
  }

  private static String text(Progress progress) {
    if (progress.total() == 0) {
      return progress.phase();
    }
    return "%s %d %% of %s"
        .formatted(
            progress.phase(),
            100 * progress.bytes() / progress.total(),
            Text.bytes(progress.total()));
  }
}
