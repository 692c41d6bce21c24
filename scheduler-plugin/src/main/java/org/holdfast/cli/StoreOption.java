// SPDX-License-Identifier: Apache-2.0
package org.holdfast.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which store a command works on. */
final class StoreOption {
  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "The store; default: $$HOLDFAST_STORE, else the state folder's.")
  @Nullable Path store;

  /** The store's folder. */
  Path path(Session session) {
    return store == null ? session.locations().defaultStore() : session.directory().resolve(store);
  }
}
