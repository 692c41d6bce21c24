// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.nio.file.Path;

/** The store has no job of this number. */
public final class NoSuchJob extends StoreException {

  private static final long serialVersionUID = 1L;

  /**
   * @param store the store's root
   * @param job the number asked for
   */
  public NoSuchJob(Path store, long job) {
    super("no job %d in the store %s: 'holdfast jobs' lists them".formatted(job, store));
  }
}
