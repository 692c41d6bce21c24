# SPDX-License-Identifier: Apache-2.0
"""Figures as a table and as JSON."""

import dataclasses
import statistics

DIGITS = {"%": 2, "ms": 1, "MB/s": 0, "MiB": 1, "x": 2, "us": 3}


@dataclasses.dataclass
class Figure:
    """One line of the table: medians of all runs; `peer` is what it is compared with, where there is something."""

    group: str
    what: str
    unit: str
    holdfast: float
    peer: float | None = None
    peer_is: str = ""
    runs: list = dataclasses.field(default_factory=list)


def median(values):
    """The median, of at least one value."""
    return statistics.median(values)


def text(value, unit):
    """A value as the table shows it."""
    return "" if value is None else f"{value:.{DIGITS[unit]}f}"


def table(figures):
    """All figures, one a line, in groups."""
    rows = [("", "unit", "Holdfast", "beside it", "")]
    group = None
    for figure in figures:
        if figure.group != group:
            group = figure.group
            rows.append((group, "", "", "", ""))
        what = "  " + figure.what
        values = text(figure.holdfast, figure.unit), text(figure.peer, figure.unit)
        rows.append((what, figure.unit, *values, figure.peer_is))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for row in rows:
        name, unit, *numbers = (cell.ljust(width) if column < 2 else cell.rjust(width)
                                for column, (cell, width) in enumerate(zip(row, widths)))
        lines.append(f"{name}  {unit}  {'  '.join(numbers)}  {row[4]}".rstrip())
    return "\n".join(lines)
