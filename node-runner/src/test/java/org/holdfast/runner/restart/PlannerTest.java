// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.restart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.image.FramePool;
import org.holdfast.image.ObjectStore;
import org.holdfast.protocol.MemoryRange;
import org.holdfast.protocol.Namespace;
import org.holdfast.protocol.Plan;
import org.holdfast.protocol.PlanArea;
import org.holdfast.protocol.PlanDescription;
import org.holdfast.protocol.PlanPlace;
import org.holdfast.runner.state.Area;
import org.holdfast.runner.state.DeletedFile;
import org.holdfast.runner.state.Description;
import org.holdfast.runner.state.FileId;
import org.holdfast.runner.state.Memfd;
import org.holdfast.runner.state.NamedFile;
import org.holdfast.runner.state.OpenDescriptor;
import org.holdfast.runner.state.Pipe;
import org.holdfast.runner.state.Refusal;
import org.holdfast.runner.state.StateFiles;
import org.holdfast.runner.state.States;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlannerTest {

  private static final FileId OBJECT = new FileId(1, 5);

  @TempDir Path folder;

  private final FramePool pool = new FramePool(1);

  @AfterEach
  void close() {
    pool.close();
  }

  private Plan plan(Map<Integer, List<String>> blobs, StateFiles.Content... states)
      throws Exception {
    List<ProcessImage> images =
        Images.of(Files.createTempDirectory(folder, "epoch"), pool, blobs, states);
    MappedFiles mapped =
        new MappedFiles(
            images, new WrittenFiles(images), new ObjectStore(folder.resolve("objects")));
    return new Planner(images, mapped, () -> 900).plan(Namespace.HOST);
  }

  private static StateFiles.Content root(List<OpenDescriptor> descriptors, List<Area> areas) {
    return States.content(100, 1, 100, 100, descriptors, areas);
  }

  private static OpenDescriptor open(int fd, int shared, Description description) {
    return new OpenDescriptor(fd, 0, shared, description);
  }

  private static Area area(long start, long end, String permissions, Area.Kind kind, String path) {
    return new Area(
        new MemoryRange(start, end),
        permissions,
        kind,
        0,
        path,
        OBJECT,
        List.of(),
        Optional.empty());
  }

  @Test
  void descriptorsThatShareADescriptionGetOne() throws Exception {
    NamedFile file = new NamedFile(1, 5, "/tmp/out", false, 9, new FileId(8, 9), 0644);
    Plan plan =
        plan(
            Map.of(),
            root(List.of(open(1, 7, file), open(2, 7, file)), List.of()),
            States.content(
                101, 100, 100, 100, List.of(open(1, 7, file), open(5, 8, file)), List.of()));
    assertThat(plan.descriptions()).hasSize(2);
    assertThat(plan.nodes().get(0).places())
        .containsExactly(new PlanPlace(1, 0, 0), new PlanPlace(2, 0, 0));
    assertThat(plan.nodes().get(1).places())
        .containsExactly(new PlanPlace(1, 0, 0), new PlanPlace(5, 1, 0));
  }

  @Test
  void firstFreeIsAboveAllDescriptors() throws Exception {
    NamedFile file = new NamedFile(1, 5, "/tmp/out", false, 9, new FileId(8, 9), 0644);
    Plan plan = plan(Map.of(), root(List.of(open(255, 1, file)), List.of()));
    assertThat(plan.firstFree()).isEqualTo(256);
    assertThat(plan(Map.of(), root(List.of(), List.of())).firstFree()).isGreaterThan(3);
  }

  @Test
  void contentOfAPipeIsGivenOnceToOneOfItsEnds() throws Exception {
    FileId id = new FileId(13, 77);
    Plan plan =
        plan(
            Map.of(100, List.of("pipes/13-77")),
            root(
                List.of(
                    open(3, 1, new Pipe(0, id, false, 65536)),
                    open(4, 2, new Pipe(1, id, true, 65536))),
                List.of()));
    assertThat(plan.data()).hasSize(1);
    assertThat(plan.data().get(0).description()).isZero();
    assertThat(plan.data().get(0).source().open().readAllBytes())
        .isEqualTo("xxx".getBytes(StandardCharsets.UTF_8));
    assertThat(plan.descriptions())
        .extracting(PlanDescription::kind)
        .containsExactly(PlanDescription.Kind.PIPE_READ, PlanDescription.Kind.PIPE_WRITE);
    assertThat(plan.descriptions().get(0).value()).isEqualTo(plan.descriptions().get(1).value());
  }

  @Test
  void aMappedFileIsOpenedOnceForAllProcesses() throws Exception {
    Area text = area(0x1000, 0x2000, "r-xp", Area.Kind.FILE, "/lib/a.so");
    Area data = area(0x2000, 0x3000, "rw-p", Area.Kind.FILE, "/lib/a.so");
    Plan plan =
        plan(
            Map.of(),
            root(List.of(), List.of(text, data)),
            States.content(101, 100, 100, 100, List.of(), List.of(text)));
    assertThat(plan.descriptions()).hasSize(1);
    assertThat(plan.descriptions().get(0).kind()).isEqualTo(PlanDescription.Kind.OBJECT);
    assertThat(plan.nodes().get(0).areas())
        .containsExactly(
            new PlanArea(
                new MemoryRange(0x1000, 0x2000), 0, 5, PlanArea.Kind.PRIVATE, 0, List.of()),
            new PlanArea(
                new MemoryRange(0x2000, 0x3000), 0, 3, PlanArea.Kind.PRIVATE, 0, List.of()));
  }

  @Test
  void aSharedObjectWithoutDescriptorIsAsLargeAsItsMappings() throws Exception {
    Area small = area(0x1000, 0x2000, "rw-s", Area.Kind.SHARED_OBJECT, "/dev/zero (deleted)");
    Area large = area(0x1000, 0x5000, "rw-s", Area.Kind.SHARED_OBJECT, "/dev/zero (deleted)");
    Plan plan =
        plan(
            Map.of(),
            root(List.of(), List.of(small)),
            States.content(101, 100, 100, 100, List.of(), List.of(large)));
    assertThat(plan.descriptions())
        .singleElement()
        .satisfies(
            object -> {
              assertThat(object.kind()).isEqualTo(PlanDescription.Kind.MEMFD);
              assertThat(object.aux()).isEqualTo(0x4000);
              assertThat(object.flags()).isEqualTo(2);
            });
  }

  @Test
  void anAreaOfAMemfdMapsItWritableWhateverItsDescriptorAllows() throws Exception {
    Memfd memfd = new Memfd(0, 0, "pool", OBJECT, 0x2000, 0);
    Area shared = area(0x1000, 0x3000, "r--s", Area.Kind.SHARED_OBJECT, "/memfd:pool (deleted)");
    Plan plan = plan(Map.of(), root(List.of(open(3, 1, memfd)), List.of(shared)));
    assertThat(plan.descriptions())
        .extracting(PlanDescription::kind)
        .containsOnly(PlanDescription.Kind.MEMFD);
    assertThat(plan.descriptions()).extracting(PlanDescription::flags).containsExactly(0, 2);
    assertThat(plan.descriptions())
        .extracting(PlanDescription::value)
        .containsOnly(plan.descriptions().get(0).value());
  }

  @Test
  void anAreaOfADeletedFileMapsThatFile() throws Exception {
    DeletedFile file = new DeletedFile(2, 0, "/tmp/x (deleted)", OBJECT, 0x2000, 0600);
    Area shared = area(0x1000, 0x3000, "rw-s", Area.Kind.SHARED_OBJECT, "/tmp/x (deleted)");
    Plan plan = plan(Map.of(), root(List.of(open(3, 1, file)), List.of(shared)));
    assertThat(plan.descriptions())
        .extracting(PlanDescription::kind)
        .containsOnly(PlanDescription.Kind.DELETED);
  }

  @Test
  void theRootIsKnown() throws Exception {
    Plan plan = plan(Map.of(), States.process(201, 1, 200, 200), States.process(100, 1, 100, 100));
    assertThat(plan.nodes().get(plan.root()).pid()).isEqualTo(100);
    assertThat(plan.monotonicNs()).isEqualTo(5);
    assertThatThrownBy(() -> plan(Map.of(), States.process(201, 1, 201, 201)))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("root process 100");
  }
}
