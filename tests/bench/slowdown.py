# SPDX-License-Identifier: Apache-2.0
"""What Holdfast costs while no checkpoint is taken."""

import pathlib
import subprocess
import tempfile
import time

from programs import BUILD, await_text
from results import Figure, median
from tools import Holdfast, timed_ms

GROUP = "no checkpoint taken"
FORKS = 1500
LOOPS = {
    "arithmetic": [str(BUILD / "compute"), "900"],
    "system calls": [str(BUILD / "calls"), "1500"],
    "fork and exec in a shell": ["sh", "-c", f"n=0; while [ $n -lt {FORKS} ]; do /bin/true; n=$((n + 1)); done"],
}
# The coordinator starts beside the job in its first seconds: that is measured apart.
SETTLE_S = 6


def own_time_ms(folder, settle_s, command, run):
    """The time that the command took, measured inside the job."""
    file = folder / "time"
    run([str(BUILD / "timed"), str(file), str(settle_s), *command])
    return int(file.read_text(encoding="ascii")) / 1e6


def in_turns(folder, command, runs):
    """Times without Holdfast and with it."""
    times = ([], [])
    for _ in range(runs):
        times[0].append(own_time_ms(folder, 0, command, lambda timed: subprocess.run(timed, check=True, stdout=subprocess.DEVNULL)))
        times[1].append(own_time_ms(folder, SETTLE_S, command, Holdfast(folder).run))
    return times


def percent(under, without):
    """How much slower the median of the first is."""
    return median(under) / median(without) * 100 - 100


def private_kib(pid):
    """Memory that only this process has."""
    lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private"))


def memory_of_sleep_mib(folder):
    """The memory of a process that sleeps: with Holdfast, and without."""
    job = Holdfast(folder)
    job.start(["sh", "-c", f"sleep 1000 & echo $! >{folder}/pid; wait"])
    pid = await_text(folder / "pid")
    time.sleep(1)
    under = private_kib(pid) / 1024
    job.kill()
    with subprocess.Popen(["sleep", "1000"]) as alone:
        time.sleep(0.2)
        without = private_kib(alone.pid) / 1024
        alone.kill()
    return under, without


def measure(runs, say):
    """The slowdown of each loop, what a process costs more, and the time before and after a job."""
    figures = []
    with tempfile.TemporaryDirectory(prefix="holdfast-bench.") as name:
        folder = pathlib.Path(name)
        for what, command in LOOPS.items():
            say(f"slowdown: {what}")
            without, under = in_turns(folder, command, runs)
            figures.append(Figure(GROUP, f"slowdown: {what}", "%", percent(under, without), runs=[without, under]))
        added = (median(under) - median(without)) / FORKS
        figures.append(Figure(GROUP, "added to a fork and exec", "ms", added, median(without) / FORKS, "without"))
        say("memory of a process, start of a job")
        figures.append(Figure(GROUP, "memory of a process that sleeps", "MiB", *memory_of_sleep_mib(folder), "without"))
        start = [timed_ms(lambda: Holdfast(folder).run(["true"])) for _ in range(runs)]
        figures.append(Figure(GROUP, "run -- true, all of it", "ms", median(start), runs=[start]))
    return figures
