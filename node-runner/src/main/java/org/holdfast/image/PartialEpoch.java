// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A checkpoint that is being written; it counts from {@link #commit} on. */
public final class PartialEpoch {

  private final Path path;
  private final Path committed;
  private final int epoch;
  private final SealedJson json;

  PartialEpoch(Path path, Path committed, int epoch, SealedJson json) {
    this.path = path;
    this.committed = committed;
    this.epoch = epoch;
    this.json = json;
  }

  /** Its number. */
  public int epoch() {
    return epoch;
  }

  /** The folder that images are written to, {@code <epoch>.partial}. */
  public Path path() {
    return path;
  }

  /**
   * Writes the manifest, brings everything to the disk and gives the folder its final name. The
   * images themselves were brought there by {@link ImageWriter}, on the host that wrote them.
   *
   * @throws StoreException when an image is missing or of another size, or the store cannot be
   *     written; then nothing was committed
   */
  public void commit(Manifest manifest) throws IOException {
    Check.that(manifest.epoch() == epoch, "manifest of epoch %d".formatted(manifest.epoch()));
    for (ImageRecord image : manifest.images()) {
      if (!image.isStoredIn(path)) {
        throw new ImageDamaged(path.resolve(image.file()), "it is missing or of another size");
      }
    }
    json.write(path.resolve(JobFolder.MANIFEST), manifest);
    try {
      syncHosts(manifest);
      PrivateFiles.sync(path);
      PrivateFiles.move(path, committed);
      PrivateFiles.sync(committed.resolveSibling(""));
    } catch (IOException e) {
      throw StoreException.cannot("commit", committed, e);
    }
  }

  /** Removes the folder and all in it, if it is still there. */
  public void discard() throws IOException {
    if (Files.exists(path)) {
      PrivateFiles.deleteTree(path);
    }
  }

  private void syncHosts(Manifest manifest) throws IOException {
    for (String host : manifest.images().stream().map(ImageRecord::host).distinct().toList()) {
      PrivateFiles.sync(path.resolve(host));
    }
  }
}
