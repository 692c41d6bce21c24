// SPDX-License-Identifier: Apache-2.0
package org.holdfast.runner.state;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.protocol.DescriptorState;

/** Tells what a descriptor refers to, or why that cannot be restored. Runs inside the freeze. */
public final class Recognition {

  /** A kind of description that may or may not be the one. */
  private interface Recogniser {
    Optional<Description> recognise(DescriptorState fd, JobView job) throws Refusal;
  }

  /** The order matters where one kind is a special case of another. */
  private static final List<Recogniser> KINDS =
      List.of(
          CallerStream::recognise,
          MessageQueue::recognise,
          Memfd::recognise,
          DeletedFile::recognise,
          FileOfProcess::recognise,
          NamedFile::recognise,
          NamedPipe::recognise,
          Pipe::recognise,
          JobTerminal::recognise,
          PtyMaster::recognise,
          PtySlave::recognise,
          Device::recognise,
          EventFd::recognise,
          Epoll::recognise,
          TimerFd::recognise,
          SignalFd::recognise,
          PidFd::recognise,
          Socket::recognise);

  private static final Map<String, String> NAMES =
      Map.of(
          "anon_inode:inotify", "an inotify instance",
          "anon_inode:[fanotify]", "a fanotify group",
          "anon_inode:[io_uring]", "an io_uring",
          "anon_inode:[userfaultfd]", "a userfaultfd",
          "anon_inode:[perf_event]", "a perf event",
          "anon_inode:bpf-map", "a BPF map",
          "anon_inode:bpf-prog", "a BPF program",
          "anon_inode:bpf_link", "a BPF link");

  private final JobView job;

  /**
   * @param job whose descriptors they are
   */
  public Recognition(JobView job) {
    this.job = job;
  }

  /**
   * What this descriptor refers to.
   *
   * @throws Refusal when it cannot be restored; the message begins "descriptor N" or says that it
   *     is on its way
   */
  public Description recognise(DescriptorState fd) throws Refusal {
    try {
      refuseSideEffects(fd);
      for (Recogniser kind : KINDS) {
        Optional<Description> description = kind.recognise(fd, job);
        if (description.isPresent()) {
          refuseTooEarly(fd, description.get());
          return description.get();
        }
      }
    } catch (Refusal e) {
      throw new Refusal(subject(fd) + " " + e.reason());
    }
    throw new Refusal("%s is %s, which cannot be restored yet".formatted(subject(fd), name(fd)));
  }

  private static String subject(DescriptorState fd) {
    return fd.fd() < DescriptorState.HELD
        ? "descriptor " + fd.fd()
        : "a descriptor on its way in the queue of a socket";
  }

  /** Queues are filled before the processes are made. */
  private static void refuseTooEarly(DescriptorState fd, Description description) throws Refusal {
    if (fd.fd() >= DescriptorState.HELD && description.needsProcesses()) {
      throw new Refusal("is %s, which cannot be restored yet".formatted(name(fd)));
    }
  }

  private static void refuseSideEffects(DescriptorState fd) throws Refusal {
    if (FdInfo.field(fd.info(), "lock").filter(lock -> lock.contains("LEASE")).isPresent()) {
      throw new Refusal("(%s) holds a lease, which cannot be restored yet".formatted(fd.link()));
    }
    if (fd.link().indexOf('\ufffd') >= 0) {
      throw new Refusal("has a name that is not UTF-8: " + fd.link());
    }
  }

  private static String name(DescriptorState fd) {
    if (FileType.CHARACTER_DEVICE.is(fd) || FileType.BLOCK_DEVICE.is(fd)) {
      return "the device " + fd.link();
    }
    return NAMES.getOrDefault(fd.link(), fd.link());
  }
}
