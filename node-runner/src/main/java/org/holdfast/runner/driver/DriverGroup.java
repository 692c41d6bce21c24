// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.driver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.holdfast.image.ChannelMemory;
import org.holdfast.protocol.Join;

/**
 * The processes of the job that the kernel driver stops and reads for this runner: those that have
 * joined by its token. When the runner ends, everything goes on that was stopped.
 */
public final class DriverGroup implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(DriverGroup.class.getName());
  private static final Path DEVICE = Path.of("/dev/holdfast");

  private static final int FEATURE_GRANT = 1;

  /** Members that a list has room for at first. */
  private static final int ROOM = 1024;

  private final Path path;
  private final Device controller;
  private final Join join;

  private DriverGroup(Path path, Device controller, Join join) {
    this.path = path;
    this.controller = controller;
    this.join = join;
  }

  /** A new group; empty where the driver is not loaded or cannot be used, which the log tells. */
  public static Optional<DriverGroup> create() {
    if (!Files.exists(DEVICE)) {
      return Optional.empty();
    }
    try {
      Device controller = Device.open(DEVICE);
      try {
        ByteBuffer token = controller.run(Command.CREATE, Device.struct(Command.CREATE), 0);
        return Optional.of(new DriverGroup(DEVICE, controller, Join.read(token)));
      } catch (IOException e) {
        controller.close();
        throw e;
      }
    } catch (IOException e) {
      LOG.warning("the kernel driver is not used: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** How processes join it. */
  public Join join() {
    return join;
  }

  /** Whether the administrator lets restarts choose process numbers. */
  public boolean grants() {
    return (controller.features() & FEATURE_GRANT) != 0;
  }

  /** Why a stop failed. */
  public static final class NotStopped extends Exception {
    private static final long serialVersionUID = 1;

    private final int ownPid;
    private final transient StopReason reason;
    private final int tid;

    NotStopped(int ownPid, int tid, StopReason reason) {
      super(reason.text());
      this.ownPid = ownPid;
      this.tid = tid;
      this.reason = reason;
    }

    /** The process, by its own number; 0: it is gone. */
    public int ownPid() {
      return ownPid;
    }

    /** What it is, for messages. */
    public String what() {
      return "thread %d does not come to the barrier: %s".formatted(tid, getMessage());
    }

    /** Whether the processes may be stopped by signals instead. */
    public boolean allowsSignals() {
      return reason.isOfDriver();
    }
  }

  /**
   * Stops every thread of its processes but the interceptors' own.
   *
   * @param timeout how long that may take
   * @return the processes that stand still, by their own numbers
   * @throws NotStopped when one cannot be stopped, or not in time; all go on
   * @throws IOException when the driver fails; all go on
   */
  public Set<Integer> stop(Duration timeout) throws NotStopped, IOException {
    ByteBuffer struct =
        Device.struct(Command.STOP).putLong(timeout.toNanos()).position(Command.STOP.size()).flip();
    try {
      controller.run(Command.STOP, struct, 0);
    } catch (IOException e) {
      throw notStopped(controller.reply(Command.STOP.size()), e);
    }
    return members().stream()
        .filter(member -> member.stopped() > 0)
        .map(DriverMember::ownPid)
        .collect(Collectors.toSet());
  }

  private NotStopped notStopped(ByteBuffer reply, IOException error) throws IOException {
    reply.position(24);
    int pid = reply.getInt();
    int tid = reply.getInt();
    StopReason reason = StopReason.of(reply.getInt());
    if (reason == StopReason.NONE) {
      throw error;
    }
    int ownPid =
        members().stream()
            .filter(member -> member.pid() == pid)
            .map(DriverMember::ownPid)
            .findFirst()
            .orElse(0);
    return new NotStopped(ownPid, tid, reason);
  }

  /** Those that live. */
  private List<DriverMember> members() throws IOException {
    int room = ROOM;
    while (true) {
      ByteBuffer list = Device.struct(Command.MEMBERS).putLong(0).putInt(room).putInt(0).flip();
      ByteBuffer reply = controller.run(Command.MEMBERS, list, room * DriverMember.SIZE);
      int count = reply.getInt(8);
      if (count <= room) {
        reply.position(Command.MEMBERS.size());
        List<DriverMember> members = new ArrayList<>();
        for (int n = 0; n < count; n++) {
          members.add(DriverMember.read(reply));
        }
        return members.stream().filter(member -> !member.dead()).toList();
      }
      room = count * 2;
    }
  }

  /**
   * Opens the memory of a process that has joined.
   *
   * @param ownPid its own number
   * @throws IOException when it has not, or cannot be read
   */
  public ChannelMemory memory(int ownPid) throws IOException {
    DriverMember found =
        members().stream()
            .filter(member -> member.ownPid() == ownPid)
            .findFirst()
            .orElseThrow(() -> new IOException("process %d is not of the group".formatted(ownPid)));
    Device device = Device.open(path);
    try {
      device.become(
          Command.MEMORY,
          join.write(Device.struct(Command.MEMORY)).putInt(found.pid()).putInt(0).flip());
      return ChannelMemory.of(device.channel());
    } catch (IOException e) {
      device.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    controller.close();
  }
}
