// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A coordinator, as far as its connection goes. */
final class Client implements AutoCloseable {

  private final SocketChannel channel;
  private final BufferedReader lines;
  private final JsonMapper json = new JsonMapper();

  Client(Path socket) throws IOException {
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
  }

  void send(String line) throws IOException {
    channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  /** The next line. */
  JsonNode next() throws IOException {
    return json.readTree(lines.readLine());
  }

  JsonNode call(String request) throws IOException {
    send(request);
    return next();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
