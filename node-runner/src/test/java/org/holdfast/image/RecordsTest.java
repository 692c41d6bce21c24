// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RecordsTest {

  private final JsonMapper json = new JsonMapper();

  @Test
  void anyMapperReadsBackWhatItWrote(@TempDir Path epoch) throws Exception {
    Manifest manifest = Samples.manifest(1, Samples.write(epoch, Samples.content(100)));

    assertThat(json.readValue(json.writeValueAsString(manifest), Manifest.class))
        .isEqualTo(manifest);
    assertThat(json.readValue(json.writeValueAsString(Samples.job(7)), JobRecord.class))
        .isEqualTo(Samples.job(7));
  }

  @Test
  void jsonIsReadableAndCompact(@TempDir Path epoch) throws Exception {
    Manifest manifest = Samples.manifest(1, Samples.write(epoch, Samples.content(100)));
    JsonNode node = json.readTree(json.writeValueAsString(manifest));

    assertThat(node.get("time").asString()).isEqualTo("2026-03-04T05:06:07.890Z");
    JsonNode image = node.get("images").get(0);
    assertThat(image.get("frames").get(0).isArray()).isTrue();
    assertThat(image.get("frames").get(0)).hasSize(2);
    assertThat(image.get("memory").get(0).get(0).asLong()).isEqualTo(0x400000);
    assertThat(image.get("entries").get(0).get(0).asString()).isEqualTo("process.json");
    assertThat(image.get("objects").get(0).get(1).asString()).isEqualTo(Samples.OBJECT);
    assertThat(json.readTree(json.writeValueAsString(Samples.job(7))).get("interval").asString())
        .isEqualTo("PT30M");
  }

  @Test
  void stateChangesKeepTheRest() {
    JobRecord exited = Samples.job(7).withState(JobState.EXITED, Optional.of(256));

    assertThat(exited.state()).isEqualTo(JobState.EXITED);
    assertThat(exited.exitStatus()).contains(256);
    assertThat(exited.withState(JobState.RUNNING, Optional.empty())).isEqualTo(Samples.job(7));
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(() -> Samples.job(0)).hasMessageContaining("job number");
    assertThatThrownBy(() -> Samples.manifest(2, 2)).hasMessageContaining("earlier epoch");
    assertThatThrownBy(() -> new Frame(0, 0)).hasMessageContaining("empty");
    assertThatThrownBy(() -> new MemoryRun(4096, 4096)).hasMessageContaining("empty");
    assertThatThrownBy(() -> new ObjectRecord("/bin/sh", "../../etc/passwd"))
        .hasMessageContaining("object id");
    assertThatThrownBy(() -> image("../node1", List.of())).hasMessageContaining("not a file name");
    assertThatThrownBy(
            () ->
                image("node1", List.of(new MemoryEntry(8192, 9000, 0), new MemoryEntry(0, 1, 900))))
        .hasMessageContaining("out of order");
    assertThatThrownBy(() -> image("node1", List.of(new MemoryEntry(0, 4096, 0))))
        .hasMessageContaining("beyond the end");
  }

  private static ImageRecord image(String host, List<MemoryEntry> memory) {
    return new ImageRecord(
        host,
        1,
        host + "/1.tar.zst",
        1024,
        20,
        FramePool.FRAME_BYTES,
        List.of(new Frame(20, 1)),
        List.of(),
        memory,
        List.of());
  }
}
