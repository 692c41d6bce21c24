# SPDX-License-Identifier: Apache-2.0
"""Threads that hand numbers on to each other through queues; writes the sums. usage: threads.py RESULT NUMBERS"""

import queue
import sys
import threading

STAGES = 6


def stage(inbox, outbox, add):
    """Hands on every number, changed."""
    while (number := inbox.get()) is not None:
        outbox.put((number * 31 + add) % 1000003)
    outbox.put(None)


def main():
    """A chain of stages between a feeding thread and this one."""
    queues = [queue.Queue(100) for _ in range(STAGES + 1)]
    threads = [threading.Thread(target=stage, args=(queues[n], queues[n + 1], n)) for n in range(STAGES)]
    feeder = threading.Thread(target=lambda: [queues[0].put(n) for n in [*range(int(sys.argv[2])), None]])
    for thread in [*threads, feeder]:
        thread.start()
    total = 0
    with open(sys.argv[1], "w", encoding="ascii") as file:
        while (number := queues[-1].get()) is not None:
            total += number
            print(total, file=file, flush=True)
    for thread in [*threads, feeder]:
        thread.join()


main()
