# SPDX-License-Identifier: Apache-2.0
"""Waits, with a second thread and memory that takes a moment to be filled, until the file `end` is there; the file
`waits` has the numbers of both."""

import os
import threading
import time


def wait():
    while not os.path.exists("end"):
        time.sleep(0.01)


memory = bytearray(os.urandom(1 << 20)) * 300
thread = threading.Thread(target=wait)
thread.start()
with open("waits.new", "w", encoding="ascii") as file:
    print(os.getpid(), thread.native_id, file=file)
os.rename("waits.new", "waits")
thread.join()
