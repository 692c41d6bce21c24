# SPDX-License-Identifier: Apache-2.0
"""Measures, prints a table and writes JSON: see scripts/bench, which starts this."""

import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import sys

import checkpoints
import mpi
import network
import slowdown
from results import table

GROUPS = {"slowdown": slowdown.measure, "checkpoints": checkpoints.measure, "network": network.measure, "mpi": mpi.measure}


def machine():
    """What it was measured on."""
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.split(": ")[1] for line in cpuinfo if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor(),
        "processors": os.cpu_count(),
        "memoryMiB": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20,
        "kernel": platform.release(),
        "user": "root" if os.geteuid() == 0 else "ordinary",
    }


def write(path, runs, figures):
    """The figures so far, as JSON."""
    record = {
        "command": "scripts/bench " + " ".join(sys.argv[1:]),
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine(),
        "runs": runs,
        "figures": [dataclasses.asdict(figure) for figure in figures],
    }
    pathlib.Path(path).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def main():
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Medians of several runs, in one run.")
    parser.add_argument("--runs", type=int, default=5, help="of each measurement (5)")
    parser.add_argument("--quick", action="store_true", help="one run of each, to see that all works")
    parser.add_argument("--json", default="bench.json", metavar="FILE", help="where the figures go (bench.json)")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)} (all)")
    options = parser.parse_args()
    if unknown := set(options.groups) - set(GROUPS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    runs = 1 if options.quick else options.runs
    figures = []
    for group in options.groups or GROUPS:
        measured = GROUPS[group](runs, lambda what: print(f"... {what}", file=sys.stderr, flush=True))
        figures += measured
        print(table(measured) + "\n", flush=True)
        write(options.json, runs, figures)  # after each: a later one may fail
    print(f"medians of {runs} runs on {machine()}; in full in {options.json}")


main()
