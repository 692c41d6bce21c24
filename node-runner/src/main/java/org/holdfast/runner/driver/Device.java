// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.driver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** An open file of the device, to which commands are written (it has no ioctl(2) from here). */
final class Device implements AutoCloseable {

  /** {@code HOLDFAST_ABI}. */
  static final int ABI = 3;

  private static final int HEADER = 8;

  private final FileChannel channel;
  private int features;

  private Device(FileChannel channel) {
    this.channel = channel;
  }

  /** {@code HOLDFAST_FEATURE_...}. */
  int features() {
    return features;
  }

  /**
   * Opens the device.
   *
   * @throws VersionDiffers when the driver is another version
   * @throws IOException when it cannot be opened
   */
  static Device open(Path path) throws IOException {
    Device device =
        new Device(FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
    try {
      device.greet();
      return device;
    } catch (IOException e) {
      device.close();
      throw e;
    }
  }

  /** The driver is older or newer than this Holdfast. */
  static final class VersionDiffers extends IOException {
    private static final long serialVersionUID = 1;

    VersionDiffers(int theirs) {
      super(
          "the kernel driver has version %d of its interface, this Holdfast %d"
              .formatted(theirs, ABI));
    }
  }

  private void greet() throws IOException {
    ByteBuffer hello = struct(Command.HELLO).putInt(ABI).flip().limit(Command.HELLO.size());
    try {
      features = run(Command.HELLO, hello, 0).getInt(4);
    } catch (IOException e) {
      int theirs = reply(Command.HELLO.size()).getInt();
      if (theirs != ABI) {
        throw new VersionDiffers(theirs);
      }
      throw e;
    }
  }

  /** An empty struct of the command. */
  static ByteBuffer struct(Command command) {
    return ByteBuffer.allocate(command.size()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Runs a command.
   *
   * @param command which
   * @param struct its struct, all of it
   * @param listBytes room for the list that it answers
   * @return its struct, as the driver left it, and the list
   * @throws IOException when it fails; {@link #reply} tells how the driver left the struct
   */
  ByteBuffer run(Command command, ByteBuffer struct, int listBytes) throws IOException {
    become(command, struct);
    return reply(command.size() + listBytes);
  }

  /** The same for a command after which the file is another thing, that has no replies to read. */
  void become(Command command, ByteBuffer struct) throws IOException {
    channel.write(request(command, struct));
  }

  static ByteBuffer request(Command command, ByteBuffer struct) {
    return ByteBuffer.allocate(HEADER + command.size())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(command.code())
        .putInt(command.size())
        .put(struct)
        .flip();
  }

  /** What the last command has left. */
  ByteBuffer reply(int bytes) throws IOException {
    ByteBuffer reply = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    channel.read(reply);
    return reply.flip();
  }

  /** For positional reads and writes, when it has become the memory of a process. */
  FileChannel channel() {
    return channel;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
