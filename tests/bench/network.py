# SPDX-License-Identifier: Apache-2.0
"""How long a job with many connections, or with much under way on them, stands still."""

import pathlib
import tempfile

from programs import BUILD, await_text
from results import Figure, median
from tools import Holdfast

GROUP = "TCP connections of a job"
CASES = [(1, 0), (100, 0), (1000, 0), (5000, 0), (10000, 0), (10, 1 << 20), (10, 4 << 20), (1000, 16 << 10)]


def stop_ms(runs, number, size):
    """Median stop time, and the bytes under way."""
    with tempfile.TemporaryDirectory(prefix="holdfast-bench.") as name:
        job = Holdfast(pathlib.Path(name))
        ready = job.folder / "ready"
        job.start([str(BUILD / "connections"), str(ready), str(number), str(size)])
        try:
            under_way = int(await_text(ready))
            job.checkpoint()  # the coordinator has started
            return median([job.checkpoint()["stopNs"] / 1e6 for _ in range(runs)]), under_way
        finally:
            job.kill()


def measure(runs, say):
    """The stop time against the number of connections and the bytes under way."""
    figures = []
    for number, size in CASES:
        say(f"{number} connections, {size} bytes on each")
        stopped, under_way = stop_ms(runs, number, size)
        what = f"stop time, {number} connections, {under_way / 2**20:.1f} MiB under way"
        figures.append(Figure(GROUP, what, "ms", stopped))
    return figures
