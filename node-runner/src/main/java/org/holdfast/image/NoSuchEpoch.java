// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

/** The job has no committed checkpoint of this epoch. */
public final class NoSuchEpoch extends StoreException {

  private static final long serialVersionUID = 1L;

  /**
   * @param job the job's number
   * @param epoch the epoch asked for
   */
  public NoSuchEpoch(long job, int epoch) {
    super(
        "job %d has no checkpoint of epoch %d: 'holdfast show %d' lists them"
            .formatted(job, epoch, job));
  }
}
