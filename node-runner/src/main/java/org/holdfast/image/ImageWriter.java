// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/** Writes images: standard tars in independent zstd frames. Safe for several threads at once. */
public final class ImageWriter {

  /** The zstd level to use where nothing else is asked; docs/image-format.md tells why. */
  public static final int DEFAULT_LEVEL = 1;

  private final FramePool pool;
  private final int level;

  /**
   * A writer that has nothing to be closed.
   *
   * @param pool what compresses
   * @param level zstd's: the higher, the smaller and slower; negative ones are fastest
   */
  public ImageWriter(FramePool pool, int level) {
    this.pool = pool;
    this.level = level;
  }

  /**
   * Writes one process's image and brings it to the disk. Blocks; call it from a thread for each
   * image that is to be written at the same time (two or three keep the pool busy).
   *
   * <p>When it fails or the calling thread is interrupted, the file is removed, and neither the
   * source nor a buffer is used any more when this returns.
   *
   * @param epoch the folder of the checkpoint that is being written
   * @param content what the image is to hold
   * @param memory where blobs and pages are read, by the pool's threads
   * @param progress gets raw bytes as they are written: increments, on the calling thread
   * @return the image's record for the manifest
   * @throws MemoryUnreadable when memory cannot be read
   * @throws StoreException when the file cannot be written, as when the disk is full
   */
  public ImageRecord write(
      Path epoch, ImageContent content, MemorySource memory, LongConsumer progress)
      throws IOException, InterruptedException {
    Path file = epoch.resolve(ImageRecord.fileOf(content.host(), content.pid()));
    FileChannel out = create(file);
    boolean written = false;
    try (out) {
      TarLayout layout = new TarLayout(content, memory);
      List<Frame> frames = writeFrames(layout, out, progress);
      written = true;
      return record(content, layout, frames);
    } catch (ClosedByInterruptException e) {
      throw new InterruptedException("interrupted while writing " + file);
    } catch (IOException e) {
      throw StoreException.cannot("write", file, e);
    } finally {
      if (!written) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static FileChannel create(Path file) throws StoreException {
    try {
      PrivateFiles.createFolders(file.resolveSibling(""));
      return PrivateFiles.create(file);
    } catch (IOException e) {
      throw StoreException.cannot("make", file, e);
    }
  }

  private List<Frame> writeFrames(TarLayout layout, FileChannel out, LongConsumer progress)
      throws IOException, InterruptedException {
    List<Frame> frames = new ArrayList<>();
    SyncAhead sync = pool.syncAhead(out);
    pool.run(
        0,
        FrameIndex.count(layout.size(), FramePool.FRAME_BYTES),
        (number, coder, stored) -> {
          makeFrame(layout, number, coder, stored);
          return new Frame(stored.limit(), FrameCoder.checksum(stored));
        },
        (number, frame, stored) -> {
          PrivateFiles.writeFully(out, stored);
          sync.written(frame.storedBytes());
          frames.add(frame);
          progress.accept(rawBytes(layout, number));
        });
    sync.finish();
    return frames;
  }

  private void makeFrame(TarLayout layout, int number, FrameCoder coder, ByteBuffer stored)
      throws IOException {
    ByteBuffer raw = coder.raw().limit(rawBytes(layout, number));
    layout.fill((long) number * FramePool.FRAME_BYTES, raw);
    coder.compress(stored, level);
  }

  private static int rawBytes(TarLayout layout, int frame) {
    long begin = (long) frame * FramePool.FRAME_BYTES;
    return (int) Math.min(FramePool.FRAME_BYTES, layout.size() - begin);
  }

  private static ImageRecord record(ImageContent content, TarLayout layout, List<Frame> frames) {
    return new ImageRecord(
        content.host(),
        content.pid(),
        ImageRecord.fileOf(content.host(), content.pid()),
        layout.size(),
        frames.stream().mapToLong(Frame::storedBytes).sum(),
        FramePool.FRAME_BYTES,
        frames,
        layout.entries(),
        layout.memory(),
        content.objects());
  }
}
