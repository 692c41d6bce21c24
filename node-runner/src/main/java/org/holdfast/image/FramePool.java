// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The threads and buffers that compress and decompress frames, shared by all images that are
 * written or read at a time. Memory is bounded: about 5 MiB a thread, however many images.
 */
public final class FramePool implements AutoCloseable {

  /** Raw bytes in a frame. */
  public static final int FRAME_BYTES = 1 << 20;

  /** So that a thread has a frame to work on while another waits for its turn to be written. */
  private static final int BUFFERS_PER_THREAD = 2;

  private final ExecutorService threads;
  private final BlockingQueue<FrameCoder> coders;
  private final BlockingQueue<ByteBuffer> buffers;

  /** What is done with a frame on one of the pool's threads, in no order. */
  interface Work<R> {
    /** Uses {@code stored} for the compressed frame. */
    R apply(int frame, FrameCoder coder, ByteBuffer stored) throws IOException;
  }

  /** What is done with a frame on the calling thread, in order. */
  interface Done<R> {
    /** Gets what {@link Work} made of the frame; {@code stored} is free when this returns. */
    void accept(int frame, R result, ByteBuffer stored) throws IOException;
  }

  private record Pending<R>(int frame, ByteBuffer stored, Future<R> result) {}

  /**
   * Starts the threads when they are first needed.
   *
   * @param threads how many frames are worked on at once, at least 1
   */
  public FramePool(int threads) {
    this.threads = Executors.newFixedThreadPool(threads, FramePool::daemon);
    this.coders = new ArrayBlockingQueue<>(threads);
    for (int i = 0; i < threads; i++) {
      coders.add(new FrameCoder());
    }
    int count = threads * BUFFERS_PER_THREAD;
    // Fair, so that every image that is being written gets its share.
    this.buffers = new ArrayBlockingQueue<>(count, true);
    for (int i = 0; i < count; i++) {
      buffers.add(FrameCoder.storedBuffer());
    }
  }

  /**
   * Works on the frames from {@code from} up to before {@code to}. When this returns, normally or
   * not, nothing of it is going on any more.
   *
   * <p>Buffers are taken in the order of the frames, and who has to wait for one first finishes
   * what it has: so there is always somebody who can go on.
   */
  <R> void run(int from, int to, Work<R> work, Done<R> done)
      throws IOException, InterruptedException {
    Deque<Pending<R>> pending = new ArrayDeque<>();
    AtomicBoolean abandoned = new AtomicBoolean();
    try {
      for (int frame = from; frame < to; frame++) {
        ByteBuffer stored = buffers.poll();
        while (stored == null && !pending.isEmpty()) {
          finishFirst(pending, done);
          stored = buffers.poll();
        }
        if (stored == null) {
          stored = buffers.take();
        }
        pending.add(submit(frame, stored, work, abandoned));
      }
      while (!pending.isEmpty()) {
        finishFirst(pending, done);
      }
    } finally {
      abandoned.set(true);
      pending.forEach(this::awaitEnd);
    }
  }

  /** Ends the threads and frees what zstd has; nothing may be in progress. */
  @Override
  public void close() {
    threads.shutdown();
    coders.forEach(FrameCoder::close);
  }

  private <R> Pending<R> submit(
      int frame, ByteBuffer stored, Work<R> work, AtomicBoolean abandoned) {
    return new Pending<>(
        frame,
        stored,
        threads.submit(
            () -> {
              if (abandoned.get()) {
                throw new CancellationException();
              }
              // There is one for each thread, so it never waits.
              FrameCoder coder = coders.remove();
              try {
                return work.apply(frame, coder, stored);
              } finally {
                coders.add(coder);
              }
            }));
  }

  private <R> void finishFirst(Deque<Pending<R>> pending, Done<R> done)
      throws IOException, InterruptedException {
    Pending<R> first = pending.element();
    done.accept(first.frame(), result(first), first.stored());
    pending.remove();
    buffers.add(first.stored());
  }

  private static <R> R result(Pending<R> pending) throws IOException, InterruptedException {
    try {
      return pending.result().get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Does not give in to an interrupt: the buffer and the caller's files are in use until then. */
  private void awaitEnd(Pending<?> pending) {
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        pending.result().get();
        ended = true;
      } catch (ExecutionException e) {
        ended = true;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    buffers.add(pending.stored());
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "frames");
    thread.setDaemon(true);
    return thread;
  }
}
