# SPDX-License-Identifier: Apache-2.0
"""A file of 512 pages (more than is kept of a file that is open), each of one byte's value, in a folder of its own, is
mapped shared and written. Both are deleted when the file `delete` is there. When `end` is there the sum over all bytes
goes to `sum`. usage: mapped.py FILE"""

import mmap
import os
import shutil
import sys
import time

PAGE = 4096


def wait_for(path):
    while not os.path.exists(path):
        time.sleep(0.01)


def main():
    path = sys.argv[1]
    os.mkdir(os.path.dirname(path))
    with open(path, "w+b") as file:
        file.truncate(512 * PAGE)
        memory = mmap.mmap(file.fileno(), 0)
    for page in range(512):
        memory[page * PAGE : (page + 1) * PAGE] = bytes([page % 256]) * PAGE
    open("written", "w", encoding="ascii").close()
    wait_for("delete")
    shutil.rmtree(os.path.dirname(path))
    wait_for("end")
    with open("sum", "w", encoding="ascii") as file:
        print(sum(memory[:]), file=file)


main()
