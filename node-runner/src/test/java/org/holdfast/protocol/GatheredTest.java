// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class GatheredTest {

  private static final String MAPS = "1000-2000 rw-p 00000000 00:00 0 \n";

  /** struct hf_process of 56 bytes, "/bin/a", NUL, "/d", NUL: 66, padded to 72. */
  private static Bytes process() {
    return new Bytes()
        .ints(1, 80)
        .ints(10, 9, 8, 7, 6, 5, 4, 18)
        .longs(0x8801, 0x300040, 0x300050)
        .text("/bin/a\0/d", 16);
  }

  private static Bytes whole() {
    return process()
        .ints(2, 40, 11, 202)
        .longs(0x400, 0x500)
        .text("worker", 8)
        .ints(4, 104, 3, 1, 0100001, 0100644)
        .longs(0x801, 77, 0, 50, 25, 1)
        .ints(0, 0)
        .text("/tmp/f\0pos:\t25\n", 24)
        .ints(5, 24, 12, 1, 256, 0)
        .ints(7, 16, 2, 4711)
        .ints(10, 16)
        .text("queue", 8)
        .ints(3, 48)
        .text(MAPS, 40);
  }

  @Test
  void readsTheRecordsOfProtocolH() throws Exception {
    Gathered state = Gathered.read(whole().message(MessageType.GATHERED));
    assertThat(state.process())
        .isEqualTo(
            new ProcessState(10, 9, 8, 7, 6, 5, 4, 18, 0x8801, 0x300040, 0x300050, "/bin/a", "/d"));
    assertThat(state.threads()).containsExactly(new ThreadState(11, 202, 0x400, 0x500, "worker"));
    assertThat(state.descriptors())
        .containsExactly(
            new DescriptorState(
                3, 1, 0100001, 0100644, 0x801, 77, 0, 50, 25, 1, "/tmp/f", "pos:\t25\n"));
    assertThat(state.children()).containsExactly(new ChildState(12, true, 256));
    assertThat(state.ipc()).containsExactly(new IpcObject(IpcObject.Kind.SEMAPHORES, 4711));
    assertThat(state.queues()).containsExactly("queue");
    assertThat(state.mapsText()).isEqualTo(MAPS);
  }

  @Test
  void writesWhatItReads() throws Exception {
    Gathered state = Gathered.read(whole().message(MessageType.GATHERED));
    Gathered again = Gathered.read(state.message(1));
    assertThat(again).isEqualTo(state);
  }

  @Test
  void refusesRecordsOfImpossibleLength() {
    assertThatThrownBy(() -> Gathered.read(new Bytes().ints(1, 4).message(MessageType.GATHERED)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("length 4");
    assertThatThrownBy(() -> Gathered.read(new Bytes().ints(1, 800).message(MessageType.GATHERED)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("length 800");
    assertThatThrownBy(() -> Gathered.read(new Bytes().ints(1).message(MessageType.GATHERED)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("cut short");
  }

  @Test
  void refusesAStateThatIsNotWhole() {
    assertThatThrownBy(() -> Gathered.read(process().message(MessageType.GATHERED)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("not whole");
  }
}
