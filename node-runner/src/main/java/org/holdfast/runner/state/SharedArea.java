// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.List;

/** Tells what a shared area is of. */
public final class SharedArea {

  /** What it is of. */
  public enum Kind {
    /** A shared memory object without a name that could be opened: its content is kept. */
    OBJECT,
    /** A file that is written through it, or that lies in memory: its content is kept. */
    WRITTEN,
    /** A file that is only read: it is there at the restart. */
    UNCHANGED,
    /** Between the process and a service of this host: kept as memory of its own. */
    WITH_SERVICE
  }

  private static final String DELETED = " (deleted)";

  /**
   * The databases of nscd and sssd, which change all the time and may be another host's at the
   * restart: the C library sees from their time that a copy is old, and asks the service. The
   * counters of a Java virtual machine, which the next one deletes when this one's process is gone.
   */
  private static final List<String> SERVICES =
      List.of(
          "/var/cache/nscd/",
          "/var/db/nscd/",
          "/run/nscd/",
          "/var/run/nscd/",
          "/var/lib/sss/mc/",
          "/tmp/hsperfdata_");

  private static final List<String> IN_MEMORY = List.of("/dev/", "/memfd:", "/SYSV");

  private SharedArea() {}

  /**
   * What this shared area is of.
   *
   * @throws Refusal when it cannot be restored; the message begins with the area
   */
  public static Kind kind(MapsLine line) throws Refusal {
    String path = line.path();
    if (path.startsWith("/anon_hugepage")) {
      throw refusal(line, "in huge pages (MAP_HUGETLB)");
    }
    if (SERVICES.stream().anyMatch(path::startsWith)) {
      return Kind.WITH_SERVICE;
    }
    if (path.endsWith(DELETED) || path.startsWith("[anon_shmem:")) {
      return Kind.OBJECT;
    }
    if (path.startsWith("/dev/shm/")) {
      return Kind.WRITTEN;
    }
    if (path.startsWith("/dev/")) {
      throw refusal(line, "a mapping of the device " + path);
    }
    if (!path.startsWith("/")) {
      throw refusal(line, path.isEmpty() ? "of an unknown kind" : "a mapping of " + path);
    }
    return line.writable() ? Kind.WRITTEN : Kind.UNCHANGED;
  }

  /** Whether pages of an area that is kept may have content though they are not in memory. */
  public static boolean isOnDisk(MapsLine line) {
    String path = line.path();
    return path.startsWith("/") && IN_MEMORY.stream().noneMatch(path::startsWith);
  }

  private static Refusal refusal(MapsLine line, String what) {
    return new Refusal(
        "memory %s is %s, which cannot be restored yet".formatted(line.range(), what));
  }
}
