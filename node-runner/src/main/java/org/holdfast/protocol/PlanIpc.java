// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.Base64;
import java.util.Optional;

/**
 * A System V object to be made again.
 *
 * @param state what it was
 * @param content of a segment that nobody had attached
 */
public record PlanIpc(IpcState state, Optional<PlanData.Source> content) {

  private static final int HEADER = 8;
  private static final int ALIGNMENT = 8;

  void write(FileChannel to) throws IOException {
    byte[] record = Base64.getDecoder().decode(state.record());
    long length = content.isPresent() ? state.size() : 0;
    int padding = (int) -(record.length + length) & (ALIGNMENT - 1);
    PlanData.writeAll(
        to,
        Message.buffer(HEADER + record.length)
            .putInt(RecordType.IPC)
            .putInt(Math.toIntExact(HEADER + record.length + length + padding))
            .put(record)
            .flip());
    if (content.isPresent()) {
      try (InputStream bytes = content.get().open()) {
        bytes.transferTo(Channels.newOutputStream(to));
      }
    }
    PlanData.writeAll(to, Message.buffer(padding));
  }
}
