// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.MessageType;
import org.holdfast.protocol.PeerKind;
import org.holdfast.runner.rehearsal.Actor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PeerServerTest {

  @TempDir Path folder;

  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final BlockingQueue<Peer> peers = new LinkedBlockingQueue<>();
  private Path socket;
  private PeerServer server;

  @BeforeEach
  void open() throws Exception {
    socket = folder.resolve("job.sock");
    server =
        PeerServer.open(
            socket,
            new SameUser(),
            new PeerListener() {
              @Override
              public void connected(Peer peer) {
                peers.add(peer);
                heard.add("connected " + peer.pid());
              }

              @Override
              public void received(Peer peer, Message message) {
                heard.add("received " + message.type() + " " + message.payload().remaining());
              }

              @Override
              public void closed(Peer peer) {
                heard.add("closed " + peer.pid());
              }
            });
  }

  @AfterEach
  void close() throws Exception {
    server.close();
  }

  private String next() throws InterruptedException {
    return String.valueOf(heard.poll(20, TimeUnit.SECONDS));
  }

  @Test
  void tellsOfConnectionsMessagesAndEnds() throws Exception {
    try (Actor actor = Actor.connect(socket, 5, PeerKind.PROCESS)) {
      actor.say(Message.of(MessageType.MAPPED, 0));
    }
    assertThat(next()).isEqualTo("connected 5");
    assertThat(next()).isEqualTo("received MAPPED 0");
    assertThat(next()).isEqualTo("closed 5");
  }

  @Test
  void takesAndGivesMessagesThatDoNotFitIntoASocket() throws Exception {
    byte[] large = new byte[5 << 20];
    try (Actor actor = Actor.connect(socket, 5, PeerKind.PROCESS)) {
      actor.say(new Message(MessageType.QUIESCED, 1, ByteBuffer.wrap(large)));
      assertThat(next()).isEqualTo("connected 5");
      assertThat(next()).isEqualTo("received QUIESCED " + large.length);
      Peer peer = peers.take();
      peer.send(new Message(MessageType.PLAN, 1, ByteBuffer.wrap(large)));
      peer.send(Message.of(MessageType.GO, 2));
      assertThat(actor.expect(MessageType.PLAN).payload().remaining()).isEqualTo(large.length);
      assertThat(actor.expect(MessageType.GO).epoch()).isEqualTo(2);
    }
  }

  @Test
  void saysWhyAnotherVersionIsRefused() throws Exception {
    try (SocketChannel other = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      other.connect(UnixDomainSocketAddress.of(socket));
      other.write(
          ByteBuffer.allocate(16)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt(0x50464848)
              .putShort((short) (Message.VERSION + 1))
              .putShort((short) 1)
              .putLong(0)
              .flip());
      ByteBuffer answer = ByteBuffer.allocate(4096);
      while (other.read(answer) >= 0) {
        // Until the end.
      }
      assertThat(new String(answer.array(), StandardCharsets.UTF_8))
          .contains("version " + (Message.VERSION + 1), "version " + Message.VERSION);
    }
    assertThat(heard).isEmpty();
  }

  @Test
  void survivesGarbage() throws Exception {
    try (SocketChannel garbage = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      garbage.connect(UnixDomainSocketAddress.of(socket));
      garbage.write(ByteBuffer.wrap(new byte[100_000]));
      ByteBuffer answer = ByteBuffer.allocate(4096);
      while (garbage.read(answer) >= 0) {
        // Until the end.
      }
    } catch (IOException e) {
      // A reset is an end too.
    }
    try (Actor actor = Actor.connect(socket, 6, PeerKind.PROCESS)) {
      actor.say(Message.of(MessageType.MAPPED, 0));
      assertThat(next()).isEqualTo("connected 6");
      assertThat(next()).isEqualTo("received MAPPED 0");
    }
  }
}
