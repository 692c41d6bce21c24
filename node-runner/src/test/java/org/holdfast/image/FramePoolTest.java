// SPDX-License-Identifier: Apache-2.0
package org.holdfast.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FramePoolTest {

  private static final int THREADS = 2;
  private final FramePool pool = new FramePool(THREADS);
  private final ExecutorService callers = Executors.newCachedThreadPool();

  @AfterEach
  void close() {
    callers.shutdownNow();
    pool.close();
  }

  @Test
  void finishesInOrder() throws Exception {
    List<Integer> done = new ArrayList<>();

    pool.run(
        3,
        50,
        (frame, coder, stored) -> frame * 2,
        (frame, result, stored) -> {
          assertThat(result).isEqualTo(frame * 2);
          done.add(frame);
        });

    assertThat(done).hasSize(47).isSorted().startsWith(3);
  }

  @Test
  void neitherMoreThreadsNorMoreMemoryThanSaid() throws Exception {
    AtomicInteger working = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicLong memory = new AtomicLong();
    long before = directMemory();
    List<Future<?>> runs = new ArrayList<>();
    for (int run = 0; run < 8; run++) {
      runs.add(
          callers.submit(
              () -> {
                pool.run(
                    0,
                    40,
                    (frame, coder, stored) -> {
                      most.accumulateAndGet(working.incrementAndGet(), Math::max);
                      memory.accumulateAndGet(directMemory(), Math::max);
                      Thread.onSpinWait();
                      working.decrementAndGet();
                      return stored;
                    },
                    (frame, result, stored) -> assertThat(result).isSameAs(stored));
                return null;
              }));
    }
    for (Future<?> run : runs) {
      run.get();
    }

    assertThat(most).hasValueLessThanOrEqualTo(THREADS);
    assertThat(memory).hasValueLessThanOrEqualTo(before);
  }

  @Test
  void memoryFollowsFromTheNumberOfThreads() {
    long before = directMemory();
    new FramePool(3).close();

    assertThat(directMemory() - before).isLessThan(3 * 4 * 1_048_576);
  }

  @Test
  void memoryIsBoundedOnAnyMachine() {
    long before = directMemory();
    new FramePool(1000).close();

    assertThat(directMemory() - before).isLessThan(32 * 1_048_576);
  }

  @Test
  void failureOfTheWorkEndsItAll() throws Exception {
    AtomicInteger working = new AtomicInteger();

    assertThatThrownBy(
            () ->
                pool.run(
                    0,
                    100,
                    (frame, coder, stored) -> {
                      working.incrementAndGet();
                      try {
                        if (frame == 10) {
                          throw new IOException("ten");
                        }
                        return frame;
                      } finally {
                        working.decrementAndGet();
                      }
                    },
                    (frame, result, stored) -> assertThat(frame).isLessThan(10)))
        .isInstanceOf(IOException.class)
        .hasMessage("ten");

    assertThat(working).hasValue(0);
    assertWorks();
  }

  @Test
  void failureOfTheCallerGivesBuffersBack() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(
              () ->
                  pool.run(
                      0,
                      100,
                      (frame, coder, stored) -> frame,
                      (frame, result, stored) -> {
                        throw new IOException("disk full");
                      }))
          .hasMessage("disk full");
    }
    assertWorks();
  }

  @Test
  void anInterruptedCallerLeavesNothingRunning() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger working = new AtomicInteger();
    AtomicInteger leftRunning = new AtomicInteger(-1);
    Thread caller =
        new Thread(
            () -> {
              try {
                pool.run(
                    0,
                    100,
                    (frame, coder, stored) -> {
                      working.incrementAndGet();
                      started.countDown();
                      awaitQuietly(goOn);
                      working.decrementAndGet();
                      return frame;
                    },
                    (frame, result, stored) -> {});
              } catch (InterruptedException | IOException e) {
                leftRunning.set(working.get());
              }
            });
    caller.start();
    started.await();
    caller.interrupt();
    goOn.countDown();
    caller.join();

    assertThat(leftRunning).hasValue(0);
    assertWorks();
  }

  @Test
  void aLongRunDoesNotKeepAShortOneWaiting() throws Exception {
    Semaphore gate = new Semaphore(0);
    Semaphore finished = new Semaphore(0);
    try (FramePool single = new FramePool(1)) {
      Future<?> longRun =
          callers.submit(
              () -> {
                single.run(
                    0,
                    100,
                    (frame, coder, stored) -> {
                      gate.acquireUninterruptibly();
                      return frame;
                    },
                    (frame, result, stored) -> finished.release());
                return null;
              });
      Thread shortRun = new Thread(() -> runOne(single));
      while (!gate.hasQueuedThreads()) {
        Thread.onSpinWait();
      }
      shortRun.start();
      awaitSettled(shortRun);

      for (int frame = 0; frame < 10; frame++) {
        gate.release();
        finished.acquire();
        awaitSettled(shortRun);
      }

      // The long run cannot go on: only a short one that had its turn ends.
      shortRun.join(TimeUnit.SECONDS.toMillis(30));
      assertThat(shortRun.isAlive()).isFalse();
      gate.release(100);
      longRun.get();
    }
  }

  private static void runOne(FramePool pool) {
    try {
      pool.run(0, 1, (frame, coder, stored) -> frame, (frame, result, stored) -> {});
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Until the thread waits for something or has ended. */
  private static void awaitSettled(Thread thread) {
    while (thread.getState() != Thread.State.WAITING
        && thread.getState() != Thread.State.TERMINATED) {
      Thread.onSpinWait();
    }
  }

  private void assertWorks() throws Exception {
    AtomicInteger done = new AtomicInteger();
    pool.run(
        0, 20, (frame, coder, stored) -> frame, (frame, result, stored) -> done.incrementAndGet());
    assertThat(done).hasValue(20);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static long directMemory() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(bean -> bean.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
