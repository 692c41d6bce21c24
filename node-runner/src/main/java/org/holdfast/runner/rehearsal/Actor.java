// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.rehearsal;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.holdfast.protocol.Hello;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageDecoder;
import org.holdfast.protocol.MessageType;
import org.holdfast.protocol.PeerKind;

/** A process that is none: one connection that speaks as the C side does. */
public final class Actor implements AutoCloseable {

  private final SocketChannel channel;
  private final MessageDecoder decoder = new MessageDecoder();
  private final ByteBuffer buffer = ByteBuffer.allocate(64 << 10).limit(0);

  private Actor(SocketChannel channel) {
    this.channel = channel;
  }

  /** Connects, and says hello. */
  public static Actor connect(Path socket, int pid, PeerKind kind) throws IOException {
    return connect(socket, pid, kind, pid);
  }

  /** Connects, and says hello with another number of its own, as a snapshot does. */
  public static Actor connect(Path socket, int pid, PeerKind kind, int ownPid) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    Actor actor = new Actor(channel);
    actor.say(new Hello(pid, kind, false, false, ownPid).message());
    return actor;
  }

  /** Sends a message. */
  public void say(Message message) throws IOException {
    ByteBuffer[] parts = {message.header(), message.body()};
    while (parts[1].hasRemaining() || parts[0].hasRemaining()) {
      channel.write(parts);
    }
  }

  /** Waits for a message of this type. */
  public Message expect(MessageType type) throws IOException {
    while (true) {
      Message message = decoder.decode(buffer);
      if (message != null) {
        if (message.type() != type) {
          throw new IOException("%s came instead of %s".formatted(message.type(), type));
        }
        return message;
      }
      if (channel.read(buffer.clear()) < 0) {
        throw new EOFException("the runner closed the connection");
      }
      buffer.flip();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
