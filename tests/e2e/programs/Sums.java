// SPDX-License-Identifier: Apache-2.0

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;

/** Sums of divisors, by threads of a pool, with garbage to collect. usage: java Sums.java RESULT ROUNDS */
public final class Sums {

  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[1]);
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try (PrintWriter file = new PrintWriter(arguments[0])) {
      for (int round = 0; round < rounds; round++) {
        List<Future<Long>> parts = new ArrayList<>();
        for (long start = 1; start <= 4000; start += 500) {
          long from = round * 10L + start;
          parts.add(pool.submit(() -> sum(from)));
        }
        long sum = 0;
        for (Future<Long> part : parts) {
          sum += part.get();
        }
        file.println(round + " " + sum);
        file.flush();
      }
    }
    pool.shutdown();
  }

  private static long sum(long from) {
    List<Long> divisors = new ArrayList<>();
    for (long n = from; n < from + 500; n++) {
      long number = n;
      LongStream.rangeClosed(1, (long) Math.sqrt(n))
          .filter(d -> number % d == 0)
          .forEach(d -> divisors.add(d + number / d));
    }
    return divisors.stream().mapToLong(Long::longValue).sum();
  }
}
