# SPDX-License-Identifier: Apache-2.0
"""Checkpoint and restart of programs with much memory: stop time as the program sees it, write path, restart."""

import pathlib
import subprocess
import tempfile
import time

from programs import Ticker
from results import Figure, median
from tools import Criu, Failed, Holdfast, call, timed_ms

SIZES = {"64 MiB": (64, 1), "1 GiB": (1024, 1), "8 x 128 MiB": (128, 8), "4 GiB": (4096, 1)}
MIB = 1 << 20
QUIET_S = 2


def quiet_gap_ms(ticker):
    """The largest gap with no checkpoint: what the machine does by itself."""
    ticker.reset()
    time.sleep(QUIET_S)
    return ticker.largest_gap_ms()


def checkpoint(tool, ticker):
    """One checkpoint; its figures, with the gap that the program saw."""
    ticker.reset()
    figures = tool.checkpoint()
    figures["gapMs"] = ticker.largest_gap_ms()
    return figures


def restart_ms(tool, ticker):
    """From the kill to the first tick of every process."""
    tool.kill()

    def until_it_ticks():
        tool.restart()
        ticker.await_tick()

    return timed_ms(until_it_ticks)


def run(tool, ticker, runs):
    """All figures of one tool on one program, as lists of the runs; checkpoints first, then restarts."""
    tool.start(ticker.command)
    try:
        ticker.await_tick()
        tool.checkpoint()  # the coordinator has started, the files are in the cache
        measured = {"quiet": [quiet_gap_ms(ticker)], "checkpoints": [], "restarts": []}
        for _ in range(runs):
            measured["checkpoints"].append(checkpoint(tool, ticker))
        if isinstance(tool, Holdfast):
            measured["runner"] = resident_mib(tool.runner())
            measured["plain"] = plain_tools(tool)
        for _ in range(runs):
            measured["restarts"].append(restart_ms(tool, ticker))
        return measured
    finally:
        tool.kill()


def resident_mib(pid):
    """The most memory that a process has had so far."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise Failed("no VmHWM")


def plain_tools(tool):
    """The same bytes through zstd alone, and written to the store's disk and made safe, without anything else."""
    images = tool.images()
    raw = tool.folder / "raw"
    with raw.open("wb") as file:
        subprocess.run(["zstd", "-dcq", *map(str, images)], stdout=file, check=True)
    size = raw.stat().st_size
    compress = timed_ms(lambda: call(["zstd", "-q", "-1", "-T0", "-f", str(raw), "-o", "/dev/null"]))
    decompress = timed_ms(lambda: subprocess.run(["zstd", "-dcq", *map(str, images)], stdout=subprocess.DEVNULL, check=True))
    stored = str(sum(image.stat().st_size for image in images))
    copy = tool.folder / "copy"
    write = timed_ms(lambda: call(["dd", f"if={raw}", f"of={copy}", "bs=1M", "iflag=count_bytes", f"count={stored}",
                                   "conv=fsync"]))
    raw.unlink()
    copy.unlink()
    return {"compressMs": compress, "decompressMs": decompress, "writeMs": write, "rawBytes": size}


def of(measured, key):
    """The median of one of the checkpoints' figures."""
    return median([one[key] for one in measured["checkpoints"]])


def throughput(measured):
    """MB of memory a second."""
    return median([one["rawBytes"] / 1e6 / (one["writeNs"] / 1e9) for one in measured["checkpoints"]])


def figures_of(size, held, other, why_not):
    """The lines of one program: Holdfast's, CRIU's beside them."""
    def beside(value):
        return (value(other), "CRIU") if other else (None, f"CRIU: {why_not}")

    plain = held["plain"]
    slower = max(plain["compressMs"], plain["writeMs"])
    yield Figure(size, "stop time, as the program sees it", "ms", of(held, "gapMs"),
                 *beside(lambda m: of(m, "gapMs")), runs=[held["checkpoints"]])
    yield Figure(size, "the same with no checkpoint", "ms", held["quiet"][0], *beside(lambda m: m["quiet"][0]))
    yield Figure(size, "write throughput", "MB/s", throughput(held), plain["rawBytes"] / 1e3 / slower,
                 "the slower of zstd -1 on all cores, disk")
    yield Figure(size, "write throughput", "MB/s", throughput(held), *beside(throughput))
    yield Figure(size, "image", "MiB", of(held, "storedBytes") / MIB, *beside(lambda m: of(m, "storedBytes") / MIB))
    yield Figure(size, "compression ratio", "x", of(held, "rawBytes") / of(held, "storedBytes"))
    yield Figure(size, "restart", "ms", median(held["restarts"]), plain["decompressMs"], "zstd -d of the image",
                 runs=[held["restarts"]])
    yield Figure(size, "restart", "ms", median(held["restarts"]), *beside(lambda m: median(m["restarts"])))
    yield Figure(size, "the node runner's memory", "MiB", held["runner"])


def with_criu(mib, processes, runs, why_not):
    """CRIU's figures, or why there are none."""
    if why_not:
        return None, why_not
    with tempfile.TemporaryDirectory(prefix="holdfast-bench.") as name:
        folder = pathlib.Path(name)
        try:
            return run(Criu(folder), Ticker(folder, mib, processes), runs), None
        except Failed as error:
            return None, str(error)


def measure(runs, say):
    """Each size, with Holdfast and with CRIU."""
    figures = []
    no_criu = Criu.why_not()
    for size, (mib, processes) in SIZES.items():
        say(f"checkpoint and restart: {size}")
        with tempfile.TemporaryDirectory(prefix="holdfast-bench.") as name:
            folder = pathlib.Path(name)
            held = run(Holdfast(folder), Ticker(folder, mib, processes), runs)
        figures += figures_of(size, held, *with_criu(mib, processes, runs, no_criu))
    return figures
