// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;

/**
 * A System V object to be made again.
 *
 * @param length size of {@code source}, bytes
 * @param source gives the object as its snapshot copied it: {@code struct hf_ipc} and what it holds
 */
public record PlanIpc(long length, PlanData.Source source) {

  private static final int HEADER = 8;
  private static final int ALIGNMENT = 8;

  void write(FileChannel to) throws IOException {
    int padding = (int) -length & (ALIGNMENT - 1);
    PlanData.writeAll(
        to,
        Message.buffer(HEADER)
            .putInt(RecordType.IPC)
            .putInt(Math.toIntExact(HEADER + length + padding))
            .flip());
    try (InputStream bytes = source.open()) {
      bytes.transferTo(Channels.newOutputStream(to));
    }
    PlanData.writeAll(to, Message.buffer(padding));
  }
}
