// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The threads and buffers that compress and decompress frames, shared by all images that are
 * written or read at a time. Memory is bounded, however many images: 3 MiB of buffers and 1 to 2
 * MiB of zstd's state a thread, for at most {@value #MOST_THREADS} threads.
 */
public final class FramePool implements AutoCloseable {

  /** Raw bytes in a frame. */
  public static final int FRAME_BYTES = 1 << 20;

  /**
   * More would not fit into the memory that a node runner may use; these write some GiB a second.
   */
  public static final int MOST_THREADS = 8;

  /** So that a thread has a frame to work on while another waits for its turn to be written. */
  private static final int BUFFERS_PER_THREAD = 2;

  private final ExecutorService threads;
  private final ExecutorService syncing = Executors.newSingleThreadExecutor(FramePool::daemon);
  private final Queue<FrameCoder> coders = new ConcurrentLinkedQueue<>();
  private final Queue<ByteBuffer> buffers = new ConcurrentLinkedQueue<>();

  /** Counts {@link #buffers}; fair, so that every image that is being written gets its share. */
  private final Semaphore free;

  /** What is done with a frame on one of the pool's threads, in no order. */
  interface Work<R> {
    /** Uses {@code stored} for the compressed frame. */
    R apply(int frame, FrameCoder coder, ByteBuffer stored) throws IOException;
  }

  /** What is done with a frame on the calling thread, in order. */
  interface Done<R> {
    /** Gets what {@link Work} made of the frame; {@code stored} is free when this returns. */
    void accept(int frame, R result, ByteBuffer stored) throws IOException, InterruptedException;
  }

  private record Pending<R>(int frame, ByteBuffer stored, Future<R> result) {}

  /**
   * Starts the threads when they are first needed.
   *
   * @param threads how many frames are worked on at once, at least 1; no more than {@link
   *     #MOST_THREADS} are
   */
  public FramePool(int threads) {
    ZstdLibrary.load();
    int working = Math.min(threads, MOST_THREADS);
    this.threads = Executors.newFixedThreadPool(working, FramePool::daemon);
    for (int i = 0; i < working; i++) {
      coders.add(new FrameCoder());
    }
    int count = working * BUFFERS_PER_THREAD;
    this.free = new Semaphore(count, true);
    for (int i = 0; i < count; i++) {
      buffers.add(FrameCoder.storedBuffer());
    }
  }

  /**
   * Works on the frames from {@code from} up to before {@code to}. When this returns, normally or
   * not, nothing of it is going on any more.
   */
  <R> void run(int from, int to, Work<R> work, Done<R> done)
      throws IOException, InterruptedException {
    Deque<Pending<R>> pending = new ArrayDeque<>();
    AtomicBoolean abandoned = new AtomicBoolean();
    try {
      for (int frame = from; frame < to; frame++) {
        pending.add(submit(frame, takeBuffer(pending, done), work, abandoned));
      }
      while (!pending.isEmpty()) {
        finishFirst(pending, done);
      }
    } finally {
      abandoned.set(true);
      pending.forEach(this::awaitEnd);
    }
  }

  /** What brings {@code file} to the disk while frames are written to it. */
  SyncAhead syncAhead(FileChannel file) {
    return new SyncAhead(file, syncing);
  }

  /** Ends the threads and frees what zstd has; nothing may be in progress. */
  @Override
  public void close() {
    threads.shutdown();
    syncing.shutdown();
    coders.forEach(FrameCoder::close);
  }

  /**
   * Buffers are taken in the order of the frames, and who has to wait for one first finishes what
   * it has: so there is always somebody who can go on.
   */
  private <R> ByteBuffer takeBuffer(Deque<Pending<R>> pending, Done<R> done)
      throws IOException, InterruptedException {
    while (!tryAcquireInTurn()) {
      if (pending.isEmpty()) {
        free.acquire();
        break;
      }
      finishFirst(pending, done);
    }
    return buffers.remove();
  }

  /** Lets those go first who are waiting already, as the plain {@code tryAcquire} would not. */
  private boolean tryAcquireInTurn() throws InterruptedException {
    return free.tryAcquire(0, TimeUnit.SECONDS);
  }

  private void giveBack(ByteBuffer buffer) {
    buffers.add(buffer);
    free.release();
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
    done.accept(first.frame(), Results.of(first.result()), first.stored());
    pending.remove();
    giveBack(first.stored());
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
    giveBack(pending.stored());
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
