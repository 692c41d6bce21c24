// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.protocol.CaptureItem;
import org.holdfast.protocol.Gathered;
import org.holdfast.protocol.MemoryRange;
import org.holdfast.protocol.ProcessState;
import org.holdfast.runner.state.FileId;
import org.holdfast.runner.state.Refusal;
import org.junit.jupiter.api.Test;

class SharedMemoryTest {

  private static final FileId OBJECT = new FileId(1, 5);

  private static SharedMemory of(String... maps) throws Exception {
    Map<Integer, Gathered> processes = new TreeMap<>();
    for (String text : maps) {
      int pid = 100 + processes.size();
      processes.put(
          pid,
          new Gathered(
              new ProcessState(pid, 1, pid, pid, 0, 0, 0, 0, 0, 0, 0, "", ""),
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
    }
    return SharedMemory.of(processes, SharedMemoryTest::isSwapped, pid -> "process " + pid);
  }

  /** The memory from 0x50000 on. */
  private static boolean isSwapped(int pid, MemoryRange area) {
    return area.start() >= 0x50000;
  }

  private static CaptureItem.CopyArea copy(long start, long end, boolean whole) {
    return new CaptureItem.CopyArea(new MemoryRange(start, end), whole);
  }

  @Test
  void pagesThatAreNotInMemoryAreCopiedWhereTheyHoldSomething() throws Exception {
    SharedMemory memory =
        of(
            """
            10000-11000 rw-s 00000000 00:01 5 /dev/zero (deleted)
            20000-21000 rw-s 00000000 08:01 7 /tmp/gone (deleted)
            50000-51000 rw-s 00000000 00:01 6 /dev/zero (deleted)
            """);
    assertThat(memory.copies(100))
        .containsExactly(
            copy(0x10000, 0x11000, false),
            copy(0x20000, 0x21000, true),
            copy(0x50000, 0x51000, true));
  }

  @Test
  void refusesFilesOfWhichNoCopyFitsIntoMemory() throws Exception {
    SharedMemory memory = of("10000-110000 rw-s 00000000 08:01 7 /home/table\n");
    memory.refuseTooLarge(() -> 0x100000);
    assertThatThrownBy(() -> memory.refuseTooLarge(() -> 0xfffff))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("1 MiB, of which 0 MiB are free");
    of("10000-110000 rw-s 00000000 00:01 5 /memfd:x (deleted)\n").refuseTooLarge(() -> 0);
  }

  @Test
  void eachByteIsCopiedOnce() throws Exception {
    SharedMemory memory =
        of(
            "10000-12000 rw-s 00000000 00:01 5 /dev/zero (deleted)\n",
            "40000-44000 rw-s 00001000 00:01 5 /dev/zero (deleted)\n");
    assertThat(memory.copies(100)).containsExactly(copy(0x10000, 0x12000, false));
    assertThat(memory.copies(101)).containsExactly(copy(0x41000, 0x44000, false));
    assertThat(memory.covers(OBJECT, 0x5000)).isTrue();
    assertThat(memory.covers(OBJECT, 0x5001)).isFalse();
    assertThat(memory.covers(new FileId(1, 6), 1)).isFalse();
  }

  @Test
  void onlyWhatMayHaveChangedIsCopied() throws Exception {
    SharedMemory memory =
        of(
            """
            10000-11000 r--s 00000000 08:01 7 /usr/share/data
            20000-21000 rw-s 00000000 08:01 8 /home/table
            30000-31000 r--s 00000000 00:18 9 /dev/shm/seen
            40000-41000 rw-p 00000000 00:00 0
            """);
    assertThat(memory.copies(100))
        .containsExactly(copy(0x20000, 0x21000, true), copy(0x30000, 0x31000, false));
  }

  @Test
  void refusesWhatNobodyCanRead() throws Exception {
    SharedMemory memory = of("10000-12000 ---s 00000000 00:01 5 /memfd:x (deleted)\n");
    assertThatThrownBy(() -> memory.refuseUnreadable(Set.of(), pid -> "process " + pid))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("process 100: shared memory 10000-12000");
    memory.refuseUnreadable(Set.of(OBJECT), pid -> "process " + pid);
    SharedMemory readable =
        of(
            "10000-12000 ---s 00000000 00:01 5 /memfd:x (deleted)\n",
            "10000-12000 rw-s 00000000 00:01 5 /memfd:x (deleted)\n");
    readable.refuseUnreadable(Set.of(), pid -> "process " + pid);
    assertThat(readable.copies(101)).hasSize(1);
  }

  @Test
  void refusesDevicesByProcessAndArea() {
    assertThatThrownBy(() -> of("10000-12000 rw-s 00000000 00:05 5 /dev/dri/card0\n"))
        .isInstanceOf(Refusal.class)
        .hasMessageStartingWith("process 100: memory 10000-12000 is a mapping of the device");
  }
}
