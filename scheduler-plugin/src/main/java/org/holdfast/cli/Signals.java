// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.holdfast.coordinator.host.RunnerClient;
import org.holdfast.coordinator.wire.PeerException;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Passes this process's signals on to the job. Those that come before the job runs wait for it.
 *
 * <p>SIGQUIT cannot be taken over from the Java virtual machine; from the terminal it reaches the
 * job by itself, because the job has a terminal of its own.
 */
final class Signals {
  private static final List<String> NAMES =
      List.of("TERM", "HUP", "INT", "QUIT", "USR1", "USR2", "WINCH");

  private final BlockingQueue<Signal> pending = new LinkedBlockingQueue<>();

  /** Takes the signals from now on. */
  static Signals take() {
    Signals signals = new Signals();
    NAMES.forEach(signals::take);
    return signals;
  }

  private void take(String name) {
    try {
      Signal signal = new Signal(name);
      SignalHandler before = Signal.handle(signal, pending::add);
      if (before == SignalHandler.SIG_IGN) {
        // Ignored on purpose (nohup): the job inherits that, so nothing is to be passed on.
        Signal.handle(signal, SignalHandler.SIG_IGN);
      }
    } catch (IllegalArgumentException e) {
      // The virtual machine keeps this one for itself.
      return;
    }
  }

  /** Passes signals on, in a daemon thread, to whatever runner is the present one. */
  void forward(Supplier<RunnerClient> runner) {
    Thread thread = new Thread(() -> forwardAll(runner), "signals");
    thread.setDaemon(true);
    thread.start();
  }

  private void forwardAll(Supplier<RunnerClient> runner) {
    try {
      while (true) {
        forward(pending.take(), runner.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void forward(Signal signal, RunnerClient runner) {
    try {
      if (signal.getName().equals("WINCH")) {
        runner.window();
      } else {
        runner.signal(signal.getNumber());
      }
    } catch (PeerException e) {
      // The job has ended, or its runner has; then the closed connection is dealt with elsewhere.
      return;
    }
  }
}
