// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanTest {

  @TempDir Path folder;

  @Test
  void isLaidOutAsInProtocolH() throws Exception {
    byte[] content = {1, 2, 3};
    Plan plan =
        new Plan(
            0,
            40,
            Namespace.PID,
            111,
            222,
            List.of(new PlanIpc(3, () -> new ByteArrayInputStream(content))),
            List.of(
                new PlanDescription(PlanDescription.Kind.PIPE_READ, 04000, -1, 5, 65536, ""),
                new PlanDescription(PlanDescription.Kind.FILE, 1, 9, 0, 0, "/tmp/file")),
            List.of(new PlanData(0, 7, 3, () -> new ByteArrayInputStream(content))),
            List.of(
                new PlanNode(
                    7,
                    -1,
                    7,
                    Set.of(PlanNode.Flag.SETSID, PlanNode.Flag.TERMINAL),
                    0,
                    8,
                    -1,
                    1,
                    0x300041,
                    0x300042,
                    List.of(new PlanPlace(3, 1, 1)),
                    ByteBuffer.wrap(new byte[] {1, 2}),
                    List.of(
                        new PlanArea(
                            new MemoryRange(0x1000, 0x2000),
                            0x3000,
                            5,
                            PlanArea.Kind.PRIVATE,
                            1,
                            List.of(Advice.DONTDUMP, Advice.HUGEPAGE))))));
    Path scratch = folder.resolve("plan");
    Message message = plan.message(scratch);
    assertThat(message.type()).isEqualTo(MessageType.PLAN);
    assertThat(Bytes.of(message.payload()))
        .isEqualTo(
            new Bytes()
                .ints(32, 48, 2, 1, 0, 40, 1, 0)
                .longs(111, 222)
                .ints(33, 48, 4, 04000)
                .longs(-1, 5, 65536)
                .text("", 8)
                .ints(33, 56, 1, 1)
                .longs(9, 0, 0)
                .text("/tmp/file", 16)
                .ints(38, 16)
                .text("\1\2\3", 8)
                .ints(34, 32, 0, 7)
                .longs(3)
                .text("\1\2\3", 8)
                .ints(35, 56, 7, -1, 7, 17, 0, 8, -1, 1)
                .longs(0x300041, 0x300042)
                .ints(36, 24, 3, 1, 1, 0)
                .ints(23, 16)
                .text("\1\2", 8)
                .ints(37, 48)
                .longs(0x1000, 0x2000, 0x3000)
                .ints(5, 3, 1, 16 + 64)
                .array());
    assertThat(Files.exists(scratch)).isFalse();
  }

  @Test
  void kindsAreNumberedAsInProtocolH() throws Exception {
    List<PlanDescription> all =
        Arrays.stream(PlanDescription.Kind.values())
            .map(kind -> new PlanDescription(kind, 0, 0, 0, 0, ""))
            .toList();
    Plan plan = new Plan(0, 0, Namespace.HOST, 0, 0, List.of(), all, List.of(), List.of());
    Message message = plan.message(folder.resolve("plan"));
    for (int n = 0; n < all.size(); n++) {
      assertThat(message.body().getInt(48 + n * 48 + 8)).isEqualTo(n + 1);
    }
  }
}
