# SPDX-License-Identifier: Apache-2.0
"""The programs that are measured."""

import pathlib
import struct
import time

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE / "build"
SLOT = struct.Struct("QQ")  # struct slot of memory.c
LIMIT_S = 300


def await_text(file):
    """What a program writes to a file once it runs."""
    end = time.monotonic() + LIMIT_S
    while not (file.exists() and (text := file.read_text(encoding="ascii").strip())):
        if time.monotonic() > end:
            raise TimeoutError(f"{file.name} is not written")
        time.sleep(0.01)
    return text


class Ticker:
    """A run of memory.c: processes with memory, each of which ticks every millisecond."""

    def __init__(self, folder, mib, processes=1):
        self.file = folder / "slots"
        self.processes = processes
        self.command = [str(BUILD / "memory"), str(self.file), str(mib), str(processes)]

    def _slots(self):
        data = self.file.read_bytes() if self.file.exists() else b""
        return [SLOT.unpack_from(data, n * SLOT.size) for n in range(self.processes)] if data else [(0, 0)]

    def await_tick(self):
        """Waits until every process has ticked from now on."""
        now, end = time.time_ns(), time.monotonic() + LIMIT_S
        while min(last for last, _ in self._slots()) < now:
            if time.monotonic() > end:
                raise TimeoutError("the program does not tick")
            time.sleep(0.001)

    def reset(self):
        """Forgets the largest gap, once all tick."""
        self.await_tick()
        with self.file.open("r+b") as file:
            for n in range(self.processes):
                file.seek(n * SLOT.size + 8)
                file.write(bytes(8))
        self.await_tick()

    def largest_gap_ms(self):
        """The longest time that any process stood still since the reset."""
        self.await_tick()
        return max(gap for _, gap in self._slots()) / 1e6
