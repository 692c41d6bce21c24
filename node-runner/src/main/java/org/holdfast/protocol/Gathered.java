// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The state of a stopped process, told when all of the job stand still.
 *
 * @param process the process
 * @param threads its threads
 * @param descriptors its descriptors, ascending
 * @param children its children
 * @param ipc the System V objects that it knows
 * @param advised areas of which the snapshot does not tell all
 * @param streams how far its TCP connections are
 * @param queues names by which it has opened POSIX message queues
 * @param maps {@code /proc/self/maps}, not decoded, for that can wait until the process goes on
 */
public record Gathered(
    ProcessState process,
    List<ThreadState> threads,
    List<DescriptorState> descriptors,
    List<ChildState> children,
    List<IpcObject> ipc,
    List<AdvisedState> advised,
    List<StreamState> streams,
    List<String> queues,
    ByteBuffer maps) {

  /** {@link #maps} as text. */
  public String mapsText() {
    return StandardCharsets.UTF_8.decode(maps.duplicate()).toString();
  }

  /** The message that tells it. */
  public Message message(int epoch) {
    RecordWriter records = new RecordWriter();
    process.write(records);
    threads.forEach(thread -> thread.write(records));
    descriptors.forEach(descriptor -> descriptor.write(records));
    children.forEach(child -> child.write(records));
    ipc.forEach(object -> object.write(records));
    queues.forEach(name -> records.add(RecordType.MQUEUE_NAME, 0, to -> {}, name));
    records.add(RecordType.MAPS, 0, to -> {}, mapsText());
    return records.message(MessageType.GATHERED, epoch);
  }

  /** Reads it from a message of type {@link MessageType#GATHERED}. */
  public static Gathered read(Message message) throws ProtocolException {
    List<ThreadState> threads = new ArrayList<>();
    List<DescriptorState> descriptors = new ArrayList<>();
    List<ChildState> children = new ArrayList<>();
    List<IpcObject> ipc = new ArrayList<>();
    List<AdvisedState> advised = new ArrayList<>();
    List<StreamState> streams = new ArrayList<>();
    List<String> queues = new ArrayList<>();
    @Nullable ProcessState process = null;
    @Nullable ByteBuffer maps = null;
    RecordReader records = new RecordReader(message);
    while (records.next()) {
      switch (records.type()) {
        case RecordType.PROCESS -> process = ProcessState.read(records);
        case RecordType.THREAD -> threads.add(ThreadState.read(records));
        case RecordType.MAPS -> maps = records.bytes();
        case RecordType.FD -> descriptors.add(DescriptorState.read(records));
        case RecordType.CHILD -> children.add(ChildState.read(records));
        case RecordType.SOCKET -> {
          SocketState socket = SocketState.read(records);
          replaceLast(descriptors, last -> last.with(socket));
        }
        case RecordType.PTY -> {
          PtyState pty = PtyState.read(records);
          replaceLast(descriptors, last -> last.with(pty));
        }
        case RecordType.IPC_ID -> ipc.add(IpcObject.read(records));
        case RecordType.ADVICE -> {
          ByteBuffer body = records.body();
          while (body.hasRemaining()) {
            advised.add(AdvisedState.read(body));
          }
        }
        case RecordType.STREAM -> streams.add(StreamState.read(records.body()));
        case RecordType.MQUEUE_NAME -> queues.add(records.text());
        default ->
            throw new ProtocolException("a record of type " + records.type() + " is not expected");
      }
    }
    if (process == null || maps == null) {
      throw new ProtocolException("the state of a process is not whole");
    }
    return new Gathered(
        process, threads, descriptors, children, ipc, advised, streams, queues, maps);
  }

  /** What follows the record of a descriptor says more of it. */
  private static void replaceLast(
      List<DescriptorState> descriptors, UnaryOperator<DescriptorState> more)
      throws ProtocolException {
    int last = descriptors.size() - 1;
    if (last < 0) {
      throw new ProtocolException("a record that belongs to no descriptor");
    }
    descriptors.set(last, more.apply(descriptors.get(last)));
  }
}
