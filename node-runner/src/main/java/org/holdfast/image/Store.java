// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongFunction;

/** The store: a folder with one folder for each job. Its folders have mode 0700, its files 0600. */
public final class Store {

  /**
   * @param root the store's folder; made when the first job is
   */
  public Store(Path root) {
    throw new UnsupportedOperationException();
  }

  /** The store's folder. */
  public Path root() {
    throw new UnsupportedOperationException();
  }

  /**
   * Makes a new job, numbered 1 + the largest, also when others make jobs at the same time.
   *
   * @param record gives the job's record when its number is known
   * @throws StoreException when the store cannot be written
   */
  public JobFolder create(LongFunction<JobRecord> record) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** All jobs, by number. */
  public List<JobFolder> jobs() throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * The job of this number.
   *
   * @throws NoSuchJob when there is none
   */
  public JobFolder job(long id) throws IOException {
    throw new UnsupportedOperationException();
  }
}
