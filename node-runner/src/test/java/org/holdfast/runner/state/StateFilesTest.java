// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.holdfast.protocol.Advice;
import org.holdfast.protocol.MemoryRange;
import org.holdfast.protocol.PtyState;
import org.junit.jupiter.api.Test;

class StateFilesTest {

  private final StateFiles files = new StateFiles();

  private static StateFiles.Content everything() {
    FileId id = new FileId(1, 2);
    List<Description> descriptions =
        List.of(
            new CallerStream(0, 1),
            new JobTerminal(2, new PtyState(0, "")),
            new NamedFile(1, 5, "/tmp/f", false, 9, new FileId(8, 9), 0644),
            new DeletedFile(2, 0, "/tmp/g (deleted)", id, 7, 0600),
            new Memfd(2, 0, "pool", id, 8, 3),
            new NamedPipe(0, "/tmp/p", id, 0600),
            new Pipe(1, id, true, 65536),
            new Device(2, "/dev/null"),
            new EventFd(2, -1, true),
            new TimerFd(2, "ticks: 0\n"),
            new SignalFd(2, 0x10000),
            new Epoll(2, "tfd: 5\n"),
            new PidFd(2, 101));
    List<OpenDescriptor> descriptors = new ArrayList<>();
    for (Description description : descriptions) {
      int fd = descriptors.size();
      descriptors.add(new OpenDescriptor(fd, 1, fd + 1, description));
    }
    Area area =
        new Area(
            new MemoryRange(0x1000, 0x2000),
            "r-xp",
            Area.Kind.FILE,
            4096,
            "/lib/a.so",
            id,
            List.of(Advice.LOCKED),
            Optional.of(new FileStamp(2, 3, 4, 0640, Optional.of("ab"))));
    return States.content(
        100, 1, 100, 100, descriptors, List.of(area), new ZombieState(101, 100, 100, 256, "gone"));
  }

  @Test
  void readsWhatItWrites() throws Exception {
    Map<String, byte[]> written = files.write(everything());
    assertThat(files.read(name -> Objects.requireNonNull(written.get(name))))
        .isEqualTo(everything());
  }

  @Test
  void isReadable() {
    Map<String, byte[]> written = files.write(everything());
    assertThat(new String(written.get("maps.json"), StandardCharsets.UTF_8))
        .contains("\"1000-2000\"", "\"r-xp\"", "\"/lib/a.so\"", "\"FILE\"")
        .doesNotContain("writtenBack", "protection");
    assertThat(new String(written.get("descriptors.json"), StandardCharsets.UTF_8))
        .contains("\"kind\" : \"eventfd\"")
        .doesNotContain("shareable", "content");
  }

  @Test
  void refusesWhatAnotherVersionWrote() {
    Map<String, byte[]> written = files.write(everything());
    written.put(
        "descriptors.json",
        "[{\"fd\":1,\"fdFlags\":0,\"shared\":1,\"description\":{\"kind\":\"warp\"}}]"
            .getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> files.read(name -> Objects.requireNonNull(written.get(name))))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("another version");
  }

  @Test
  void eachKindHasANumberedObject() {
    ObjectNumbers numbers = new ObjectNumbers();
    int first = numbers.of(new FileId(1, 2));
    assertThat(numbers.of(new FileId(1, 3))).isNotEqualTo(first);
    assertThat(numbers.of(new FileId(1, 2))).isEqualTo(first);
  }
}
