// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageDecoderTest {

  /** struct hf_msg: magic, version and type, length, epoch. */
  private static Bytes header(int version, int type, int length, int epoch) {
    return new Bytes().ints(0x50464848, version | (type << 16), length, epoch);
  }

  @Test
  void headerIsLaidOutAsInProtocolH() {
    Message message = Message.text(MessageType.REFUSED, 7, "no");
    assertThat(Bytes.of(message.header())).isEqualTo(header(Message.VERSION, 4, 2, 7).array());
  }

  @Test
  void takesMessagesInWhateverPiecesTheyCome() throws Exception {
    byte[] two =
        header(Message.VERSION, 4, 2, 7)
            .text("no", 2)
            .ints(0x50464848, Message.VERSION | (10 << 16), 0, 0)
            .array();
    MessageDecoder decoder = new MessageDecoder();
    List<Message> messages = new ArrayList<>();
    for (byte one : two) {
      Message message = decoder.decode(ByteBuffer.wrap(new byte[] {one}));
      if (message != null) {
        messages.add(message);
      }
    }
    assertThat(messages)
        .extracting(Message::type)
        .containsExactly(MessageType.REFUSED, MessageType.EMPTY);
    assertThat(messages.get(0).text()).isEqualTo("no");
    assertThat(messages.get(0).epoch()).isEqualTo(7);
  }

  @Test
  void takesSeveralMessagesAtOnce() throws Exception {
    ByteBuffer bytes =
        ByteBuffer.wrap(
            header(Message.VERSION, 10, 0, 1)
                .ints(0x50464848, Message.VERSION | (10 << 16), 0, 2)
                .array());
    MessageDecoder decoder = new MessageDecoder();
    assertThat(decoder.decode(bytes)).extracting(Message::epoch).isEqualTo(1);
    assertThat(decoder.decode(bytes)).extracting(Message::epoch).isEqualTo(2);
    assertThat(decoder.decode(bytes)).isNull();
  }

  @Test
  void saysBothVersionsToAnotherOne() {
    assertThatThrownBy(() -> decode(header(9, 1, 0, 0)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("version 9")
        .hasMessageContaining("version " + Message.VERSION);
  }

  @Test
  void refusesGarbage() {
    assertThatThrownBy(() -> decode(new Bytes().text("GET / HTTP/1.0\r\n", 16)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("not a message");
  }

  @Test
  void refusesUnknownTypes() {
    assertThatThrownBy(() -> decode(header(Message.VERSION, 99, 0, 0)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("99");
  }

  @Test
  void refusesLengthsBeyondTheLimit() {
    assertThatThrownBy(() -> decode(header(Message.VERSION, 2, MessageDecoder.MAX_PAYLOAD + 1, 0)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("larger");
    assertThatThrownBy(() -> decode(header(Message.VERSION, 2, -1, 0)))
        .isInstanceOf(ProtocolException.class);
  }

  private static void decode(Bytes bytes) throws ProtocolException {
    new MessageDecoder().decode(ByteBuffer.wrap(bytes.array()));
  }
}
