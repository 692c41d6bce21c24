// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A job's folder in the store: its record, its checkpoints, its objects. */
public final class JobFolder {

  private static final String RECORD = "job.json";
  static final String MANIFEST = "manifest.json";
  private static final String PARTIAL = ".partial";

  private final Path path;
  private final long id;
  private final SealedJson json;

  JobFolder(Path path, long id, SealedJson json) {
    this.path = path;
    this.id = id;
    this.json = json;
  }

  /** The job's number. */
  public long id() {
    return id;
  }

  /** The folder. */
  public Path path() {
    return path;
  }

  /** Copies of the files that the job's processes had mapped. */
  public ObjectStore objects() {
    return new ObjectStore(path.resolve("objects"));
  }

  /**
   * Reads {@code job.json}.
   *
   * @throws ImageDamaged when it is not what was written
   * @throws NewerFormat when a newer Holdfast wrote it
   */
  public JobRecord record() throws IOException {
    return json.read(path.resolve(RECORD), JobRecord.class, JobRecord.SCHEMA);
  }

  /** Replaces {@code job.json}, atomically. */
  public void update(JobRecord record) throws IOException {
    json.write(path.resolve(RECORD), record);
  }

  boolean exists() {
    return Files.exists(path.resolve(RECORD));
  }

  /** All committed checkpoints, ascending; unusable ones are named as such. */
  public List<StoredEpoch> epochs() throws IOException {
    List<StoredEpoch> epochs = new ArrayList<>();
    for (int epoch : numbers("")) {
      epochs.add(epoch(epoch));
    }
    return epochs;
  }

  /** The folder of a committed checkpoint. */
  public Path epochPath(int epoch) {
    return path.resolve(Integer.toString(epoch));
  }

  /**
   * The manifest of a committed checkpoint.
   *
   * @throws NoSuchEpoch when there is none
   * @throws ImageDamaged when the manifest is not what was written
   * @throws NewerFormat when a newer Holdfast wrote it
   */
  public Manifest manifest(int epoch) throws IOException {
    if (!Files.isDirectory(epochPath(epoch))) {
      throw new NoSuchEpoch(id, epoch);
    }
    Path file = epochPath(epoch).resolve(MANIFEST);
    Manifest manifest = json.read(file, Manifest.class, Manifest.SCHEMA);
    if (manifest.epoch() != epoch) {
      throw new ImageDamaged(file, "it is of epoch " + manifest.epoch());
    }
    return manifest;
  }

  /** 1 + the largest number of any checkpoint, committed or not. */
  public int nextEpoch() throws IOException {
    int largest = 0;
    for (String suffix : List.of("", PARTIAL)) {
      for (int epoch : numbers(suffix)) {
        largest = Math.max(largest, epoch);
      }
    }
    return largest + 1;
  }

  /**
   * Makes the folder {@code <epoch>.partial} that a checkpoint is written to.
   *
   * @throws StoreException when this epoch exists, committed or partial, or the store cannot be
   *     written
   */
  public PartialEpoch begin(int epoch) throws IOException {
    if (Files.exists(epochPath(epoch))) {
      throw new StoreException("checkpoint %d of job %d exists already".formatted(epoch, id));
    }
    Path partial = partialPath(epoch);
    try {
      PrivateFiles.createFolder(partial);
    } catch (IOException e) {
      throw StoreException.cannot("make", partial, e);
    }
    return new PartialEpoch(partial, epochPath(epoch), epoch, json);
  }

  /**
   * Removes what a crash left: folders of checkpoints that were not committed, temporary files.
   * Nobody may be writing to this job.
   *
   * @return what was removed
   */
  public List<Path> removeLeftovers() throws IOException {
    List<Path> removed = new ArrayList<>();
    try {
      for (int epoch : numbers(PARTIAL)) {
        PrivateFiles.deleteTree(partialPath(epoch));
        removed.add(partialPath(epoch));
      }
      removed.addAll(PrivateFiles.deleteTemporaries(path));
      removed.addAll(objects().removeLeftovers());
    } catch (IOException e) {
      throw StoreException.cannot("clean up", path, e);
    }
    return removed;
  }

  /**
   * Removes old checkpoints. Kept are the newest {@code keep} that are whole (manifest intact,
   * every image there in its full size), what they build on, and everything newer than the oldest
   * of them; so never the last good one.
   *
   * @return the epochs that were removed, ascending
   */
  public List<Integer> prune(int keep) throws IOException {
    List<Integer> expendable = new Retention(keep).expendable(epochs(), this::whole);
    for (int epoch : expendable) {
      remove(epoch);
    }
    return expendable;
  }

  /** Reads every image and object of a checkpoint in full; one verdict for each file. */
  public List<Verification> verify(Manifest manifest, FramePool pool)
      throws IOException, InterruptedException {
    List<Verification> verdicts = new ArrayList<>();
    for (ImageRecord image : manifest.images()) {
      verdicts.add(ImageReader.verify(epochPath(manifest.epoch()), image, pool));
    }
    List<String> ids =
        manifest.images().stream()
            .flatMap(image -> image.objects().stream())
            .map(ObjectRecord::id)
            .distinct()
            .toList();
    for (String id : ids) {
      verdicts.add(objects().verify(id));
    }
    return verdicts;
  }

  private StoredEpoch epoch(int epoch) throws IOException {
    try {
      return new StoredEpoch.Readable(manifest(epoch));
    } catch (ImageDamaged e) {
      return new StoredEpoch.Damaged(epoch, e.getMessage());
    } catch (NewerFormat e) {
      return new StoredEpoch.Newer(epoch, e.getMessage());
    }
  }

  private boolean whole(Manifest manifest) {
    return manifest.images().stream()
        .allMatch(image -> image.isStoredIn(epochPath(manifest.epoch())));
  }

  /** First gives up the name that makes it count, so that a crash leaves no half of it. */
  private void remove(int epoch) throws IOException {
    try {
      PrivateFiles.move(epochPath(epoch), partialPath(epoch));
      PrivateFiles.sync(path);
      PrivateFiles.deleteTree(partialPath(epoch));
    } catch (IOException e) {
      throw StoreException.cannot("remove", epochPath(epoch), e);
    }
  }

  private Path partialPath(int epoch) {
    return path.resolve(epoch + PARTIAL);
  }

  private List<Integer> numbers(String suffix) throws IOException {
    return NumberedFolders.in(path, suffix).stream()
        .filter(number -> number <= Integer.MAX_VALUE)
        .map(Long::intValue)
        .toList();
  }
}
