# SPDX-License-Identifier: Apache-2.0
"""Parallel programs over Open MPI, with Holdfast and without."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from programs import HERE
from results import Figure, median
from slowdown import SETTLE_S, in_turns, own_time_ms, percent
from tools import Holdfast

GROUP = "MPI (Open MPI, one host)"
MPIRUN = ["mpirun.openmpi", "--oversubscribe", "-np"]
STEPS = 6000


def plain(command):
    """A run without Holdfast."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def pingpong(folder, runs):
    """(ns, bytes/s) of each run: without Holdfast, and with it."""
    program, result = folder / "pingpong", folder / "result"
    subprocess.run(["mpicc.openmpi", "-O2", "-o", program, HERE / "pingpong.mpi.c"], check=True)
    command = [*MPIRUN, "2", str(program), str(result)]
    figures = ([], [])
    for _ in range(runs):
        for which, (settle_s, run) in enumerate([(0, plain), (SETTLE_S, Holdfast(folder).run)]):
            own_time_ms(folder, settle_s, command, run)
            figures[which].append([float(word) for word in result.read_text(encoding="ascii").split()])
    return figures


def lammps(folder, runs):
    """Times of each run in ms: without Holdfast, and with it."""
    melt = HERE.parent / "e2e" / "programs" / "melt.lammps"
    command = [*MPIRUN, "2", "lmp", "-in", str(melt), "-var", "steps", str(STEPS), "-log", "none", "-screen", "none"]
    return in_turns(folder, command, runs)


def stop_ms(folder, runs):
    """Stop times of the halo exchange of 4 ranks, mpirun included."""
    program, sums = folder / "halo", folder / "sums"
    subprocess.run(["mpicc.openmpi", "-O2", "-o", program, HERE.parent / "e2e" / "programs" / "halo.c"], check=True)
    job = Holdfast(folder)
    job.start([*MPIRUN, "4", str(program), "1000000000", str(sums)])
    try:
        while not sums.exists():  # it is opened when MPI has started
            time.sleep(0.01)
        job.checkpoint()
        return [job.checkpoint()["stopNs"] / 1e6 for _ in range(runs)]
    finally:
        job.kill()


def measure(runs, say):
    """What Holdfast costs MPI programs, and how long 4 ranks stand still."""
    if missing := [name for name in ("mpicc.openmpi", "mpirun.openmpi", "lmp") if not shutil.which(name)]:
        say(f"MPI is left out: {', '.join(missing)} is not installed")
        return []
    os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    with tempfile.TemporaryDirectory(prefix="holdfast-bench.") as name:
        folder = pathlib.Path(name)
        say("ping-pong")
        pings = pingpong(folder, runs)
        say("LAMMPS")
        melts = lammps(folder, runs)
        say("stop time of 4 ranks")
        stops = stop_ms(folder, runs)
    latency, rate = ([[run[index] for run in times] for times in pings] for index in (0, 1))
    return [
        Figure(GROUP, "ping-pong of 8 bytes, one way", "us", median(latency[1]) / 1e3, median(latency[0]) / 1e3, "without", pings),
        Figure(GROUP, "slowdown: ping-pong of 8 bytes", "%", percent(latency[1], latency[0])),
        Figure(GROUP, "ping-pong of 4 MiB", "MB/s", median(rate[1]) / 1e6, median(rate[0]) / 1e6, "without"),
        Figure(GROUP, "slowdown: LAMMPS, 2 ranks", "%", percent(melts[1], melts[0]), runs=melts),
        Figure(GROUP, "stop time, 4 ranks and mpirun", "ms", median(stops), runs=stops),
    ]
