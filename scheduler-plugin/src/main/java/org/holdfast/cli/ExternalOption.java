// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.util.Arrays;
import java.util.Iterator;
import org.holdfast.coordinator.host.External;
import org.holdfast.coordinator.operation.Settings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option for what checkpoints do about connections that leave the job. */
final class ExternalOption {
  @Option(
      names = "--external",
      paramLabel = "WHAT",
      description =
          "What a checkpoint does about connections that leave the job: ${COMPLETION-CANDIDATES};"
              + " default: reset, which a restarted job finds them to be.",
      completionCandidates = Words.class)
  @Nullable External external;

  /** The settings with what was asked for. */
  Settings in(Settings settings) {
    return external == null ? settings : settings.with(external);
  }

  /** The words for it, for the help text. */
  static final class Words implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(External.values()).map(External::word).iterator();
    }
  }
}
