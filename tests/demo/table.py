# SPDX-License-Identifier: Apache-2.0
"""The demo's table. usage: table.py FILE SECONDS: what `holdfast show --json` told, the time of the restart."""

import json
import statistics
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    job = json.load(file)
taken = [checkpoint for checkpoint in job["checkpoints"] if checkpoint["status"] == "committed"]
last = taken[-1]


def median_ms(field):
    """The median of all checkpoints that are kept, in milliseconds."""
    return statistics.median(checkpoint[field] for checkpoint in taken) / 1e6


rows = [
    ("processes", len(job["processes"])),
    ("threads", sum(process["threads"] for process in job["processes"])),
    ("checkpoint restarted from", f"{last['epoch']}"),
    ("memory and state of the job", f"{last['rawBytes'] / 2**20:.1f} MiB"),
    ("image size", f"{last['storedBytes'] / 2**20:.1f} MiB"),
    ("compression ratio", f"{last['rawBytes'] / last['storedBytes']:.1f}"),
    ("stop time", f"{median_ms('stopNs'):.1f} ms"),
    ("write time", f"{median_ms('writeNs'):.0f} ms"),
    ("restart time", f"{float(sys.argv[2]):.1f} s"),
]
width = max(len(name) for name, _ in rows)
for name, value in rows:
    print(f"  {name:{width}}  {value}")
