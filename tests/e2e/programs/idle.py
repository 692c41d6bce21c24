# SPDX-License-Identifier: Apache-2.0
"""Fills shared memory of 16 MiB, and waits for the file `end`; then writes into the file `wrong` how many of its pages
are not as they were."""

import mmap
import os
import time

PAGES = 4096
PAGE = 4096


def content(page):
    """No page is empty."""
    return bytes([1 + page % 255]) * PAGE


def main():
    memory = mmap.mmap(-1, PAGES * PAGE)
    for page in range(PAGES):
        memory[page * PAGE : (page + 1) * PAGE] = content(page)
    open("filled", "w", encoding="ascii").close()
    while not os.path.exists("end"):
        time.sleep(0.01)
    with open("wrong", "w", encoding="ascii") as file:
        print(sum(memory[page * PAGE : (page + 1) * PAGE] != content(page) for page in range(PAGES)), file=file)


main()
