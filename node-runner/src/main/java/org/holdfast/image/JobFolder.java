// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A job's folder in the store: its record, its checkpoints, its objects. */
public final class JobFolder {

  JobFolder(Path path, long id) {
    throw new UnsupportedOperationException();
  }

  /** The job's number. */
  public long id() {
    throw new UnsupportedOperationException();
  }

  /** The folder. */
  public Path path() {
    throw new UnsupportedOperationException();
  }

  /** Copies of the files that the job's processes had mapped. */
  public ObjectStore objects() {
    throw new UnsupportedOperationException();
  }

  /**
   * Reads {@code job.json}.
   *
   * @throws ImageDamaged when it is not what was written
   * @throws NewerFormat when a newer Holdfast wrote it
   */
  public JobRecord record() throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Replaces {@code job.json}, atomically. */
  public void update(JobRecord record) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** All committed checkpoints, ascending; unusable ones are named as such. */
  public List<StoredEpoch> epochs() throws IOException {
    throw new UnsupportedOperationException();
  }

  /** The folder of a committed checkpoint. */
  public Path epochPath(int epoch) {
    throw new UnsupportedOperationException();
  }

  /**
   * The manifest of a committed checkpoint.
   *
   * @throws NoSuchEpoch when there is none
   * @throws ImageDamaged when the manifest is not what was written
   * @throws NewerFormat when a newer Holdfast wrote it
   */
  public Manifest manifest(int epoch) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** 1 + the largest number of any checkpoint, committed or not. */
  public int nextEpoch() throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Makes the folder {@code <epoch>.partial} that a checkpoint is written to.
   *
   * @throws StoreException when this epoch exists, committed or partial, or the store cannot be
   *     written
   */
  public PartialEpoch begin(int epoch) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Removes what a crash left: folders of checkpoints that were not committed, temporary files.
   * Nobody may be writing to this job.
   *
   * @return what was removed
   */
  public List<Path> removeLeftovers() throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Removes old checkpoints. Kept are the newest {@code keep} that are whole (manifest intact,
   * every image there in its full size), what they build on, and everything newer than the oldest
   * of them; so never the last good one.
   *
   * @return the epochs that were removed
   */
  public List<Integer> prune(int keep) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Reads every image and object of a checkpoint in full; one verdict for each file. */
  public List<Verification> verify(Manifest manifest, FramePool pool)
      throws IOException, InterruptedException {
    throw new UnsupportedOperationException();
  }
}
