// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/** The store: a folder with one folder for each job. Its folders have mode 0700, its files 0600. */
public final class Store {

  private final Path root;
  private final SealedJson json = new SealedJson();

  /**
   * A store that need not exist yet.
   *
   * @param root the store's folder; made when the first job is
   */
  public Store(Path root) {
    this.root = root;
  }

  /** The store's folder. */
  public Path root() {
    return root;
  }

  /**
   * Makes a new job, numbered 1 + the largest, also when others make jobs at the same time.
   *
   * @param record gives the job's record when its number is known
   * @throws StoreException when the store cannot be written
   */
  public JobFolder create(LongFunction<JobRecord> record) throws IOException {
    JobFolder job = makeFolder();
    try {
      job.update(record.apply(job.id()));
      PrivateFiles.sync(root);
      return job;
    } catch (IOException | RuntimeException e) {
      PrivateFiles.deleteTree(job.path());
      throw e;
    }
  }

  /** All jobs, by number. */
  public List<JobFolder> jobs() throws IOException {
    List<JobFolder> jobs = new ArrayList<>();
    for (long id : NumberedFolders.in(root, "")) {
      JobFolder job = folder(id);
      if (job.exists()) {
        jobs.add(job);
      }
    }
    return jobs;
  }

  /**
   * The job of this number.
   *
   * @throws NoSuchJob when there is none
   */
  public JobFolder job(long id) throws IOException {
    JobFolder job = folder(id);
    if (!job.exists()) {
      throw new NoSuchJob(root, id);
    }
    return job;
  }

  private JobFolder makeFolder() throws IOException {
    try {
      PrivateFiles.createFolders(root);
      while (true) {
        JobFolder job = folder(1 + NumberedFolders.largest(root, ""));
        try {
          PrivateFiles.createFolder(job.path());
          return job;
        } catch (FileAlreadyExistsException e) {
          // Somebody else took this number: take the next.
        }
      }
    } catch (IOException e) {
      throw StoreException.cannot("make a job in", root, e);
    }
  }

  private JobFolder folder(long id) {
    return new JobFolder(root.resolve(Long.toString(id)), id, json);
  }
}
