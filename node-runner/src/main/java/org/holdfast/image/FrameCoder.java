// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Compresses and decompresses one frame at a time, in buffers of its own. For one thread. */
final class FrameCoder implements AutoCloseable {

  private final ByteBuffer raw = ByteBuffer.allocateDirect(FramePool.FRAME_BYTES);
  private final ZstdCompressCtx compressor = new ZstdCompressCtx();
  private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();

  FrameCoder() {
    // zstd's own checksum, of the raw bytes, lets 'zstd -t' verify the file without a manifest.
    compressor.setChecksum(true);
  }

  /** A buffer that holds any compressed frame. */
  static ByteBuffer storedBuffer() {
    return ByteBuffer.allocateDirect(Math.toIntExact(Zstd.compressBound(FramePool.FRAME_BYTES)));
  }

  /** An empty buffer for the raw bytes of a frame. */
  ByteBuffer raw() {
    return raw.clear();
  }

  /**
   * Compresses what {@link #raw} has up to its position; {@code stored} is then ready to be read.
   */
  void compress(ByteBuffer stored, int level) {
    compressor.setLevel(level);
    stored.clear();
    stored.limit(
        compressor.compressDirectByteBuffer(stored, 0, stored.capacity(), raw, 0, raw.position()));
  }

  /**
   * Decompresses all of {@code stored}.
   *
   * @return the raw bytes, ready to be read until this coder is used again
   * @throws ZstdException when it is no frame
   */
  ByteBuffer decompress(ByteBuffer stored) {
    raw.clear();
    int length =
        decompressor.decompressDirectByteBuffer(raw, 0, raw.capacity(), stored, 0, stored.limit());
    return raw.limit(length);
  }

  /** CRC-32C of what {@code buffer} has ready to be read. */
  static long checksum(ByteBuffer buffer) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.duplicate());
    return crc.getValue();
  }

  @Override
  public void close() {
    compressor.close();
    decompressor.close();
  }
}
