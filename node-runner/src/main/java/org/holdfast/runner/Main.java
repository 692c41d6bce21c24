// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner;

import java.io.IOException;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.holdfast.runner.state.Refusal;

/** Starts a node runner; see {@link Options} for the command line. */
public final class Main {

  private static final Logger LOG = Logger.getLogger(Main.class.getName());
  private static final int FAILED = 1;

  private Main() {}

  /** Ends with 0 when the job has ended, 1 when the runner failed. */
  public static void main(String[] arguments) {
    System.exit(run(List.of(arguments)));
  }

  private static int run(List<String> arguments) {
    try {
      Options options = Options.parse(arguments);
      try (RuntimeFolder folder = RuntimeFolder.take(options.runtime())) {
        RunnerLog.open(options.runtime().resolve("runner.log"));
        // The standard streams are the job's.
        Thread.setDefaultUncaughtExceptionHandler(
            (thread, error) -> LOG.log(Level.SEVERE, thread.getName() + " failed", error));
        return new NodeRunner(options, folder).run() ? 0 : FAILED;
      }
    } catch (Refusal | IOException e) {
      LOG.log(Level.SEVERE, e.getMessage());
    } catch (InterruptedException | RuntimeException e) {
      LOG.log(Level.SEVERE, "the node runner failed", e);
    }
    return FAILED;
  }
}
