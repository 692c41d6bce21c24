// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code holdfast inspect}. */
@Command(name = "inspect", description = "Shows what a checkpoint's images hold.", mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  InspectCommand(Session session) {}
  @Override
  public Integer call() {
    return 0;
  }
}
