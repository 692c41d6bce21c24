// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Results of what other threads did. */
final class Results {

  private Results() {}

  /** Waits for a result; what made it fail is thrown here. */
  static <R> R of(Future<R> future) throws IOException, InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
