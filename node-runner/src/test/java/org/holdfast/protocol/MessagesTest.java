// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The small structs, against their layout in protocol.h. */
class MessagesTest {

  @Test
  void hello() throws Exception {
    Hello hello = Hello.read(new Bytes().ints(12, 2, 0, 34).message(MessageType.HELLO));
    assertThat(hello).isEqualTo(new Hello(12, PeerKind.SNAPSHOT, false, false, 34));
    assertThat(Hello.read(new Bytes().ints(12, 1, 1, 12).message(MessageType.HELLO)).restarted())
        .isTrue();
    assertThat(Bytes.of(hello.message().payload()))
        .isEqualTo(new Bytes().ints(12, 2, 0, 34).array());
  }

  @Test
  void helloMustComeFirst() {
    assertThatThrownBy(() -> Hello.read(Message.of(MessageType.RESUMED, 0)))
        .isInstanceOf(ProtocolException.class);
    assertThatThrownBy(() -> Hello.read(new Bytes().ints(1, 9, 0, 0).message(MessageType.HELLO)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("kind 9");
  }

  @Test
  void structsThatAreCutShortAreRefused() {
    assertThatThrownBy(() -> Resumed.read(new Bytes().ints(1).message(MessageType.RESUMED)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("4 bytes");
  }

  @Test
  void quiesce() {
    Message message = new Quiesce(1500, 9000, true).message(3);
    assertThat(message.type()).isEqualTo(MessageType.QUIESCE);
    assertThat(message.epoch()).isEqualTo(3);
    assertThat(Bytes.of(message.payload())).isEqualTo(new Bytes().ints(1500, 9000, 1, 0).array());
  }

  @Test
  void fromTheInitialProcess() throws Exception {
    Message started = new Bytes().ints(5, 2).longs(0x8803).message(MessageType.STARTED);
    assertThat(Started.read(started)).isEqualTo(new Started(5, Namespace.USER, 0x8803));
    Message exited = new Bytes().ints(256, 0).message(MessageType.EXITED);
    assertThat(Exited.read(exited).status()).isEqualTo(256);
  }

  @Test
  void resumed() throws Exception {
    Message message = new Bytes().longs(123456789L).ints(4, 0).message(MessageType.RESUMED);
    assertThat(Resumed.read(message)).isEqualTo(new Resumed(123456789L, 4));
  }

  @Test
  void signal() {
    assertThat(Bytes.of(new Signal(15).message().payload()))
        .isEqualTo(new Bytes().ints(15, 0).array());
  }

  @Test
  void kcmp() {
    Message message = Kcmp.message(2, List.of(new Kcmp(1, 2, 3, 4), new Kcmp(5, 6, 7, 8)));
    assertThat(Bytes.of(message.payload()))
        .isEqualTo(new Bytes().ints(1, 2, 3, 4, 5, 6, 7, 8).array());
    Message result = Kcmp.result(2, true, false);
    assertThat(Kcmp.same(result, 0)).isTrue();
    assertThat(Kcmp.same(result, 1)).isFalse();
  }

  @Test
  void capture() {
    Message message =
        CaptureItem.message(
            4,
            List.of(
                new CaptureItem.CopyArea(new MemoryRange(0x1000, 0x3000), true),
                new CaptureItem.Tee(7),
                new CaptureItem.CopyFile(8, 99),
                new CaptureItem.CopyIpc(new IpcObject(IpcObject.Kind.SEGMENT, 5), true),
                new CaptureItem.Undo(6),
                new CaptureItem.CopyNamedQueue(1, "q")));
    assertThat(Bytes.of(message.payload()))
        .isEqualTo(
            new Bytes()
                .ints(16, 32)
                .longs(0x1000, 0x3000, 1)
                .ints(17, 32, 7, 17)
                .longs(0, 0)
                .ints(18, 32, 8, 18)
                .longs(0, 99)
                .ints(20, 32, 5, 20)
                .longs(0, 1)
                .ints(23, 32, 6, 23)
                .longs(0, 0)
                .ints(27, 40, 1, 27)
                .longs(0, 0)
                .text("q", 8)
                .array());
  }

  @Test
  void snapshotTellsBlobsAndThenRuns() throws Exception {
    Message first = new Bytes().ints(25, 32, 7, 17).longs(0x5000, 10).message(MessageType.SNAPSHOT);
    SnapshotState blobs = SnapshotState.read(first);
    assertThat(blobs.whole()).isFalse();
    assertThat(blobs.blobs()).containsExactly(new BlobState(new BlobState.Key(17, 7), 0x5000, 10));
    Message second =
        new Bytes()
            .ints(24, 40)
            .longs(0x1000, 0x2000, 0x4000, 0x5000)
            .message(MessageType.SNAPSHOT);
    SnapshotState runs = SnapshotState.read(second);
    assertThat(runs.whole()).isTrue();
    assertThat(runs.runs())
        .containsExactly(new MemoryRange(0x1000, 0x2000), new MemoryRange(0x4000, 0x5000));
  }

  @Test
  void snapshotWithoutAnythingIsTheFirstMessage() throws Exception {
    assertThat(SnapshotState.read(Message.of(MessageType.SNAPSHOT, 1)).whole()).isFalse();
  }
}
