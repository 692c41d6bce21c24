// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Optional;
import org.holdfast.protocol.PlanDescription;

/**
 * An open file description that a restart can make again: one class for each kind, listed in {@link
 * Recognition}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = CallerStream.class, name = "stream"),
  @JsonSubTypes.Type(value = JobTerminal.class, name = "terminal"),
  @JsonSubTypes.Type(value = NamedFile.class, name = "file"),
  @JsonSubTypes.Type(value = FileOfProcess.class, name = "file-of-process"),
  @JsonSubTypes.Type(value = DeletedFile.class, name = "deleted"),
  @JsonSubTypes.Type(value = Memfd.class, name = "memfd"),
  @JsonSubTypes.Type(value = NamedPipe.class, name = "fifo"),
  @JsonSubTypes.Type(value = Pipe.class, name = "pipe"),
  @JsonSubTypes.Type(value = Device.class, name = "device"),
  @JsonSubTypes.Type(value = EventFd.class, name = "eventfd"),
  @JsonSubTypes.Type(value = TimerFd.class, name = "timerfd"),
  @JsonSubTypes.Type(value = SignalFd.class, name = "signalfd"),
  @JsonSubTypes.Type(value = Epoll.class, name = "epoll"),
  @JsonSubTypes.Type(value = PidFd.class, name = "pidfd"),
  @JsonSubTypes.Type(value = Socket.class, name = "socket"),
  @JsonSubTypes.Type(value = PtyMaster.class, name = "pty-master"),
  @JsonSubTypes.Type(value = PtySlave.class, name = "pty-slave"),
  @JsonSubTypes.Type(value = MessageQueue.class, name = "message-queue"),
})
public sealed interface Description
    permits CallerStream,
        JobTerminal,
        NamedFile,
        FileOfProcess,
        DeletedFile,
        Memfd,
        NamedPipe,
        Pipe,
        Device,
        EventFd,
        TimerFd,
        SignalFd,
        Epoll,
        PidFd,
        Socket,
        PtyMaster,
        PtySlave,
        MessageQueue {

  /** What the restart makes. */
  PlanDescription plan(ObjectNumbers numbers);

  /** What an image must hold for it besides this record. */
  @JsonIgnore
  default Optional<Content> content() {
    return Optional.empty();
  }

  /** Whether it matters which descriptors share it: it has a state of its own, as a position. */
  @JsonIgnore
  default boolean shareable() {
    return true;
  }

  /** Whether it can only be made when the job's processes exist. */
  @JsonIgnore
  default boolean needsProcesses() {
    return false;
  }
}
