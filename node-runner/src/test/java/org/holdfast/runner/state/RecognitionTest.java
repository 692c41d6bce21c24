// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.holdfast.protocol.DescriptorState;
import org.holdfast.protocol.PtyState;
import org.holdfast.protocol.SocketState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecognitionTest {

  private static final int CHARACTER_DEVICE = 0020666;
  private static final int ANONYMOUS = 0600;

  private final Recognition recognition =
      new Recognition(
          new JobView(
              0x8803,
              List.of("pipe:[10]", "pipe:[11]", "socket:[12]"),
              Set.of(100, 101),
              Set.of()));

  private Description recognise(DescriptorState fd) throws Refusal {
    return recognition.recognise(fd);
  }

  @Test
  void filesOfTheMainThreadAreOfTheProcess() throws Exception {
    assertThat(recognise(Descriptors.file(4, 0, 7, 0, "/proc/100/task/100/stat")))
        .isEqualTo(new FileOfProcess(0, 7, "/proc/100/task/100/stat"));
  }

  @Test
  void regularFileKeepsItsPlaceAndPosition() throws Exception {
    assertThat(recognise(Descriptors.file(3, 1, 25, 50, "/tmp/out")))
        .isEqualTo(new NamedFile(1, 25, "/tmp/out", false, 50, new FileId(0x801, 500), 0644));
    assertThat(((NamedFile) recognise(Descriptors.file(3, 0, 0, 50, "/tmp/in"))).writable())
        .isFalse();
  }

  @Test
  void deletedFileAndMemfdHaveTheirContentKept() throws Exception {
    Description deleted = recognise(Descriptors.file(3, 2, 0, 50, "/tmp/gone (deleted)"));
    assertThat(deleted).isInstanceOf(DeletedFile.class);
    assertThat(deleted.content()).contains(new Content("files/2049-500", Content.Kind.FILE, 50));
    Description memfd = recognise(Descriptors.file(3, 2, 0, 50, "/memfd:pool (deleted)"));
    assertThat(memfd).isInstanceOf(Memfd.class).extracting("name").isEqualTo("pool");
  }

  @Test
  void messageQueuesAreFoundByTheirMark() throws Exception {
    Description named = recognise(Descriptors.file(3, 04002, 0, 80, "mqueue:/work"));
    assertThat(named).isEqualTo(new MessageQueue(04002, "work", new FileId(0x801, 500), false));
    assertThat(named.content()).contains(new Content("mqueues/2049-500", Content.Kind.MESSAGES, 0));
    assertThat(recognise(Descriptors.file(3, 2, 0, 80, "mqueue:/work (deleted)")))
        .isEqualTo(new MessageQueue(2, "work", new FileId(0x801, 500), true));
  }

  @Test
  void pipesOfTheJobAreTakenAndTheCallersAreStreams() throws Exception {
    assertThat(recognise(Descriptors.pipe(5, 1, 99)))
        .isEqualTo(new Pipe(1, new FileId(13, 99), true, 65536));
    assertThat(recognise(Descriptors.pipe(5, 0, 10))).isEqualTo(new CallerStream(0, 0));
    assertThat(recognise(Descriptors.pipe(7, 1, 11))).isEqualTo(new CallerStream(1, 1));
    assertThat(recognise(Descriptors.other(2, 0140777, 0, "socket:[12]", "")))
        .isEqualTo(new CallerStream(2, 2));
  }

  @Test
  void terminalOfTheJobIsKnownByItsNumberAndAsTty() throws Exception {
    DescriptorState slave = Descriptors.other(0, CHARACTER_DEVICE, 0x8803, "/dev/pts/3", "");
    assertThat(recognise(slave)).isEqualTo(new JobTerminal(2, new PtyState(0, "")));
    DescriptorState tty = Descriptors.other(0, CHARACTER_DEVICE, 0x500, "/dev/tty", "");
    assertThat(recognise(tty)).isEqualTo(new JobTerminal(2, new PtyState(0, "")));
  }

  @Test
  void devicesWithoutStateAreOpenedAgain() throws Exception {
    assertThat(recognise(Descriptors.other(0, CHARACTER_DEVICE, 0x103, "/dev/null", "")))
        .isEqualTo(new Device(2, "/dev/null"));
  }

  @Test
  void eventDescriptorsKeepTheirState() throws Exception {
    assertThat(
            recognise(
                Descriptors.other(
                    3, ANONYMOUS, 0, "anon_inode:[eventfd]", "eventfd-count:               1f\n")))
        .isEqualTo(new EventFd(2, 31, false));
    assertThat(
            recognise(
                Descriptors.other(
                    3,
                    ANONYMOUS,
                    0,
                    "anon_inode:[eventfd]",
                    "eventfd-count: ffffffffffffffff\neventfd-id: 4\neventfd-semaphore: 1\n")))
        .isEqualTo(new EventFd(2, -1, true));
    assertThat(
            recognise(
                Descriptors.other(
                    3, ANONYMOUS, 0, "anon_inode:[signalfd]", "sigmask:\t0000000000010000\n")))
        .isEqualTo(new SignalFd(2, 0x10000));
    assertThat(recognise(Descriptors.other(3, ANONYMOUS, 0, "anon_inode:[timerfd]", "ticks: 0\n")))
        .isInstanceOf(TimerFd.class);
    assertThat(recognise(Descriptors.other(3, ANONYMOUS, 0, "anon_inode:[eventpoll]", "")))
        .isInstanceOf(Epoll.class);
  }

  @Test
  void pidfdMustBeOfAProcessOfTheJob() throws Exception {
    assertThat(recognise(Descriptors.other(3, ANONYMOUS, 0, "anon_inode:[pidfd]", "Pid:\t101\n")))
        .isEqualTo(new PidFd(2, 101));
    assertThatThrownBy(
            () -> recognise(Descriptors.other(3, ANONYMOUS, 0, "anon_inode:[pidfd]", "Pid:\t-1\n")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("descriptor 3 is a pidfd of a process that has ended");
  }

  @ParameterizedTest
  @CsvSource({
    "anon_inode:inotify, 384, an inotify instance",
    "anon_inode:[fanotify], 384, a fanotify group",
    "anon_inode:[io_uring], 384, an io_uring",
    "anon_inode:[userfaultfd], 384, a userfaultfd",
    "anon_inode:[perf_event], 384, a perf event",
    "anon_inode:bpf-map, 384, a BPF map",
    "anon_inode:[new-thing], 384, anon_inode:[new-thing]",
    "/dev/sda, 25008, the device /dev/sda",
    "/dev/pts/9, 8630, the device /dev/pts/9",
  })
  void refusesByName(String link, int mode, String name) {
    assertThatThrownBy(() -> recognise(Descriptors.other(7, mode, 0x8809, link, "")))
        .isInstanceOf(Refusal.class)
        .hasMessage("descriptor 7 is " + name + ", which cannot be restored yet");
  }

  @Test
  void locksAndSignalsOfFilesAreGivenBackByTheirProcess() throws Exception {
    assertThat(recognise(Descriptors.file(4, 020000, 0, 0, "/tmp/f")))
        .isInstanceOf(NamedFile.class);
    assertThat(
            recognise(
                Descriptors.other(
                    4, 0100644, 0, "/tmp/f", "lock:\t1: FLOCK  ADVISORY  WRITE 1 08:01:2 0 EOF\n")))
        .isInstanceOf(NamedFile.class);
  }

  @Test
  void socketsOfFamiliesThatCannotBeMadeAgainAreRefused() {
    int netlink = 16;
    DescriptorState socket =
        new DescriptorState(
            7,
            0,
            2,
            0140777,
            14,
            1,
            0,
            0,
            -1,
            1,
            "socket:[1]",
            "",
            0,
            0,
            Optional.of(new SocketState(netlink, 3, 0, 0, 0, 1, 0, "", "", ByteBuffer.allocate(0))),
            Optional.empty());
    assertThatThrownBy(() -> recognise(socket))
        .isInstanceOf(Refusal.class)
        .hasMessage(
            "descriptor 7 is a socket of family 16 and type 3, which cannot be restored yet");
  }

  @Test
  void whatIsOnItsWayIsMadeBeforeTheProcesses() throws Exception {
    int held = DescriptorState.HELD;
    assertThat(recognise(Descriptors.pipe(held, 0, 77))).isInstanceOf(Pipe.class);
    assertThatThrownBy(
            () -> recognise(Descriptors.other(held, 0600, 0, "anon_inode:[eventpoll]", "")))
        .isInstanceOf(Refusal.class)
        .hasMessage(
            "a descriptor on its way in the queue of a socket is anon_inode:[eventpoll], which"
                + " cannot be restored yet");
  }

  @Test
  void refusesWhatWouldBeLostSilently() {
    assertThatThrownBy(
            () ->
                recognise(
                    Descriptors.other(
                        4,
                        0100644,
                        0,
                        "/tmp/f",
                        "lock:\t1: LEASE  ACTIVE  WRITE 1 08:01:2 0 EOF\n")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("descriptor 4 (/tmp/f) holds a lease");
    assertThatThrownBy(() -> recognise(Descriptors.pipe(4, 2, 77)))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("both ends of a pipe");
    assertThatThrownBy(() -> recognise(Descriptors.file(4, 0, 0, 0, "/proc/7/status")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("/proc/7/status");
    assertThatThrownBy(() -> recognise(Descriptors.file(4, 0, 0, 0, "/proc/100/task/101/stat")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("of a thread");
    assertThatThrownBy(() -> recognise(Descriptors.other(4, 0040755, 0, "/tmp/d (deleted)", "")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("deleted directory");
  }
}
