// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.util.Arrays;
import java.util.Iterator;
import org.holdfast.coordinator.host.Then;

/** The words for what a job does after a checkpoint, for the help text. */
final class ThenWords implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    return Arrays.stream(Then.values()).map(Then::word).iterator();
  }
}
