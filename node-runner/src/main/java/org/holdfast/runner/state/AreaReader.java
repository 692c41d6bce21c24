// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.protocol.Advice;
import org.holdfast.protocol.AdvisedState;
import org.holdfast.protocol.Engine;

/** Tells what the areas of a process are, or why one cannot be restored. */
public final class AreaReader {

  private static final String DELETED = " (deleted)";

  private final Map<String, Optional<FileStamp>> stamps;

  /**
   * @param stamps of files as they were when the job stood still; of others, which do not change
   *     while they are mapped, they are taken now
   */
  public AreaReader(Map<String, Optional<FileStamp>> stamps) {
    this.stamps = new HashMap<>(stamps);
  }

  /**
   * The areas of a process, ascending.
   *
   * @param maps its maps when it stood still
   * @param flags of its snapshot
   * @param advised areas of which the snapshot does not tell all
   * @throws Refusal when one cannot be restored
   */
  public synchronized List<Area> read(
      List<MapsLine> maps, AreaFlags flags, List<AdvisedState> advised) throws Refusal {
    List<Area> areas = new ArrayList<>();
    for (MapsLine line : maps) {
      if (!Engine.isReserved(line.range()) && !line.path().equals("[vsyscall]")) {
        Area area = area(line, flags);
        areas.add(area.with(advice(area, flags, advised)));
      }
    }
    return areas;
  }

  private Area area(MapsLine line, AreaFlags flags) throws Refusal {
    if (line.path().equals("[vdso]")) {
      return area(line, Area.Kind.VDSO);
    }
    if (line.path().startsWith("[vvar")) {
      return area(line, Area.Kind.VVAR);
    }
    if (!line.path().startsWith("/SYSV")) { // those a snapshot detaches, unless it copies them
      refuseFlags(line, flags);
    }
    if (line.shared()) {
      return shared(line);
    }
    if (isAnonymous(line.path())) {
      boolean growsDown = flags.any(line.range(), List.of("gd"));
      return area(line, growsDown ? Area.Kind.STACK : Area.Kind.ANONYMOUS);
    }
    return privateFile(line);
  }

  /** The kernel's own areas have flags that nobody can give them. */
  private static List<Advice> advice(Area area, AreaFlags flags, List<AdvisedState> advised) {
    if (area.kind() == Area.Kind.VDSO || area.kind() == Area.Kind.VVAR) {
      return List.of();
    }
    return Arrays.stream(Advice.values())
        .filter(
            advice ->
                flags.any(area.range(), List.of(advice.flag()))
                    || advised.stream()
                        .anyMatch(
                            a -> a.range().overlaps(area.range()) && a.advice().contains(advice)))
        .toList();
  }

  private Area shared(MapsLine line) throws Refusal {
    SharedArea.Kind kind = SharedArea.kind(line);
    if (kind == SharedArea.Kind.OBJECT) {
      return area(line, Area.Kind.SHARED_OBJECT);
    }
    if (kind == SharedArea.Kind.WITH_SERVICE) {
      return area(line, Area.Kind.COPY);
    }
    Optional<FileStamp> stamp = stamp(line);
    if (stamp.isEmpty()) {
      throw new Refusal(
          "memory %s is a shared mapping of %s, which is another file now"
              .formatted(line.range(), line.path()));
    }
    return area(line, Area.Kind.SHARED_FILE, stamp);
  }

  private Area privateFile(MapsLine line) throws Refusal {
    if (line.path().startsWith("/dev/") && !line.path().startsWith("/dev/shm/")) {
      throw refusal(line, "a mapping of the device " + line.path());
    }
    if (!line.path().startsWith("/")) {
      throw refusal(line, "a mapping of " + line.path());
    }
    Optional<FileStamp> stamp = line.path().endsWith(DELETED) ? Optional.empty() : stamp(line);
    return area(line, stamp.isPresent() ? Area.Kind.FILE : Area.Kind.COPY, stamp);
  }

  private static void refuseFlags(MapsLine line, AreaFlags flags) throws Refusal {
    if (!flags.covers(line.range())) {
      throw refusal(line, "left out of copies (MADV_DONTFORK)");
    }
    if (flags.any(line.range(), List.of("wf"))) {
      throw refusal(line, "emptied in copies (MADV_WIPEONFORK)");
    }
    if (flags.any(line.range(), List.of("ht"))) {
      throw refusal(line, "in huge pages (MAP_HUGETLB)");
    }
    if (flags.any(line.range(), List.of("io", "pf"))) {
      throw refusal(line, "a mapping of a device");
    }
  }

  private static boolean isAnonymous(String path) {
    return path.isEmpty()
        || path.equals("[heap]")
        || path.startsWith("[stack")
        || path.startsWith("[anon:")
        || path.equals("/dev/zero");
  }

  /** The stamp of the mapped file, if it still has that name. */
  private Optional<FileStamp> stamp(MapsLine line) {
    return stamps
        .computeIfAbsent(line.path(), path -> FileStamp.of(Path.of(path)))
        .filter(stamp -> stamp.inode() == line.file().inode());
  }

  private static Area area(MapsLine line, Area.Kind kind) {
    return area(line, kind, Optional.empty());
  }

  private static Area area(MapsLine line, Area.Kind kind, Optional<FileStamp> stamp) {
    return new Area(
        line.range(),
        line.permissions(),
        kind,
        line.offset(),
        line.path(),
        line.file(),
        List.of(),
        stamp);
  }

  private static Refusal refusal(MapsLine line, String what) {
    return new Refusal(
        "memory %s is %s, which cannot be restored yet".formatted(line.range(), what));
  }
}
