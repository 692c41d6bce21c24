// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Brings a file to the disk while it is still being written, so that the disk works from the
 * beginning and little is left for the end. For one thread.
 */
final class SyncAhead {

  private static final int UNIT_BYTES = 16 << 20;

  private final FileChannel file;
  private final ExecutorService thread;
  private Future<Boolean> running = CompletableFuture.completedFuture(true);
  private long ahead;

  /** Uses {@code thread} to wait for the disk. */
  SyncAhead(FileChannel file, ExecutorService thread) {
    this.file = file;
    this.thread = thread;
  }

  /** Says that so many bytes more were written. */
  void written(int bytes) throws IOException, InterruptedException {
    ahead += bytes;
    if (ahead >= UNIT_BYTES && running.isDone()) {
      // The kernel reports an error once: to whom asked first.
      Results.of(running);
      ahead = 0;
      running = thread.submit(this::sync);
    }
  }

  /** Waits until all of the file is on the disk. */
  void finish() throws IOException, InterruptedException {
    Results.of(running);
    file.force(true);
  }

  private boolean sync() throws IOException {
    file.force(false);
    return true;
  }
}
