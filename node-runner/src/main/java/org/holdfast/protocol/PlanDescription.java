// SPDX-License-Identifier: Apache-2.0
package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * {@code struct hf_description}: an open file description to be made.
 *
 * @param kind what it is
 * @param flags open(2) status flags and access mode
 * @param pos the file position
 * @param value as {@link Kind} says
 * @param aux as {@link Kind} says
 * @param body a NUL-terminated text (path, name or fdinfo), or a socket's record
 */
public record PlanDescription(
    Kind kind, int flags, long pos, long value, long aux, ByteBuffer body) {

  /** One that is described by a text: path, name or fdinfo. */
  public PlanDescription(Kind kind, int flags, long pos, long value, long aux, String text) {
    this(
        kind,
        flags,
        pos,
        value,
        aux,
        ByteBuffer.wrap((text + '\0').getBytes(StandardCharsets.UTF_8)));
  }

  /** No other socket of the job is connected to it. */
  public static final long NO_PEER = -1;

  /** The connection left the job: the program finds it reset. */
  public static final long RESET = 1;

  /** Connected to a listener of the job that has not accepted it yet. */
  public static final long WAITING = 2;

  /** {@code enum hf_description_kind}. */
  public enum Kind {
    /** A file, directory or device. text: its path. */
    FILE(1),
    /** One of the caller's standard streams. value: 0, 1, 2. */
    STREAM(2),
    /** The job's terminal. body: {@link PtyState#body}. */
    TERMINAL(3),
    /** value: number of the pipe. aux: its capacity. */
    PIPE_READ(4),
    /** As {@link #PIPE_READ}. */
    PIPE_WRITE(5),
    /** value: the count. aux: 1: a semaphore. */
    EVENTFD(6),
    /** text: its fdinfo. */
    TIMERFD(7),
    /** value: the mask. */
    SIGNALFD(8),
    /** text: its fdinfo. */
    EPOLL(9),
    /**
     * A shared memory object. value: its number, and above 32 bits its seals. aux: its size. text:
     * its name.
     */
    MEMFD(10),
    /** An unlinked file. value: its number. aux: its permissions. text: where it was. */
    DELETED(11),
    /** A file that only areas use. text: its path. */
    OBJECT(12),
    /** value: a process of the job. */
    PIDFD(13),
    /**
     * value: index of its peer, {@link PlanDescription#NO_PEER}: none. aux: {@link
     * PlanDescription#RESET}, {@link PlanDescription#WAITING}. body: {@link SocketState#record}.
     */
    SOCKET(14),
    /** value: its index. body: {@link PtyState#body}. */
    PTY_MASTER(15),
    /** value: its index. */
    PTY_SLAVE(16),
    /** value: its number. aux: 1: unlinked. text: its name, without {@code /}. */
    MQUEUE(17),
    /** A file below {@code /proc/PID}, opened when the processes exist. text: its path. */
    FILE_OF_PROCESS(18),
    /** aux: its permissions. text: its path. */
    FIFO(19);

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  void write(RecordWriter records) {
    records.add(
        RecordType.DESCRIPTION,
        32 + body.remaining(),
        to ->
            to.putInt(kind.code)
                .putInt(flags)
                .putLong(pos)
                .putLong(value)
                .putLong(aux)
                .put(body.duplicate()));
  }
}
