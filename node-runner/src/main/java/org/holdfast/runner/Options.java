// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.runner.state.Refusal;

/**
 * The command line: {@code --job ID --runtime DIR --store DIR --preload DIR (launch -- CMD... |
 * restart EPOCH | adopt)}.
 *
 * @param job the job's number
 * @param runtime its runtime folder
 * @param store the store
 * @param preload where the C side's programs are
 * @param mode what to do first
 */
record Options(long job, Path runtime, Path store, Path preload, Mode mode) {

  /** What to do first. */
  sealed interface Mode {

    /**
     * Start the job anew.
     *
     * @param command the program and its arguments
     */
    record Launch(List<String> command) implements Mode {}

    /**
     * Make it again from a checkpoint.
     *
     * @param epoch the checkpoint's number
     */
    record Restart(int epoch) implements Mode {}

    /** Take over a job whose runner is gone. */
    record Adopt() implements Mode {}
  }

  private static final String USAGE =
      "usage: --job ID --runtime DIR --store DIR --preload DIR (launch -- CMD... | restart EPOCH | adopt)";

  static Options parse(List<String> arguments) throws Refusal {
    Map<String, String> values = new HashMap<>();
    int at = 0;
    while (at + 1 < arguments.size() && arguments.get(at).startsWith("--")) {
      values.put(arguments.get(at), arguments.get(at + 1));
      at += 2;
    }
    try {
      return new Options(
          Long.parseLong(value(values, "--job")),
          Path.of(value(values, "--runtime")).toAbsolutePath(),
          Path.of(value(values, "--store")).toAbsolutePath(),
          Path.of(value(values, "--preload")).toAbsolutePath(),
          mode(arguments.subList(at, arguments.size())));
    } catch (NumberFormatException e) {
      throw new Refusal(USAGE);
    }
  }

  private static Mode mode(List<String> arguments) throws Refusal {
    int count = arguments.size();
    if (count > 2 && arguments.get(0).equals("launch") && arguments.get(1).equals("--")) {
      return new Mode.Launch(List.copyOf(arguments.subList(2, count)));
    }
    if (count == 2 && arguments.get(0).equals("restart")) {
      return new Mode.Restart(Integer.parseInt(arguments.get(1)));
    }
    if (arguments.equals(List.of("adopt"))) {
      return new Mode.Adopt();
    }
    throw new Refusal(USAGE);
  }

  private static String value(Map<String, String> values, String name) throws Refusal {
    String value = values.get(name);
    if (value == null) {
      throw new Refusal(USAGE);
    }
    return value;
  }
}
