# SPDX-License-Identifier: Apache-2.0
"""Primes counted by a pool of processes, with a shared counter and a queue of messages. usage: pool.py RESULT RANGES"""

import multiprocessing
import sys

counter = multiprocessing.Value("q", 0)


def count(start):
    """How many primes there are from start on, in a range of 1500."""
    primes = sum(n > 1 and all(n % d for d in range(2, int(n**0.5) + 1)) for n in range(start, start + 1500))
    with counter.get_lock():
        counter.value += primes
    return start, primes


def main():
    """Writes each range's count in order, and what the processes counted together."""
    with multiprocessing.Pool(3) as pool, open(sys.argv[1], "w", encoding="ascii") as file:
        for start, primes in pool.imap(count, range(0, int(sys.argv[2]) * 1500, 1500)):
            print(start, primes, file=file, flush=True)
        print("together", counter.value, file=file)
        pool.close()
        pool.join()


main()
