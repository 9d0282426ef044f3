"""Recorded windows from a file: what one service measured in one window, without the requests behind it.

A file has the columns ``service`` and ``ts`` (start of the window in epoch seconds), and of ``request_count``,
``error_rate`` (0 to 1), ``avg`` and quantiles such as ``p50``, ``p95`` or ``p99`` (milliseconds) what there is. A
column, or a cell, that is missing is missing evidence and no mistake.
"""

import csv
import gzip
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from evaluation.alarms import Label

_QUANTILE = re.compile(r"p([0-9]{1,2})(?:\.([0-9]))?")


class UnreadableFileError(ValueError):
    """The file is not of the form that is described here; the message says where and why."""


@dataclass(frozen=True, slots=True)
class WindowRow:
    """One row. ``quantiles_ms`` are milliseconds by per mille (950 is p95), ascending; None is what is not known."""

    service: str
    start_seconds: float
    requests: float | None
    error_ratio: float | None
    average_ms: float | None
    quantiles_ms: Mapping[int, float]


def read_windows(path: Path) -> list[WindowRow]:
    """Return the rows of a file, plain or compressed, in order of time.

    Raises:
        UnreadableFileError: a column that must be there is missing, or a number is none.
        OSError: the file cannot be read.
    """
    with _opened(path) as lines:
        reader = csv.DictReader(lines)
        quantiles = {name: _per_mille(name) for name in reader.fieldnames or () if _QUANTILE.fullmatch(name)}
        rows = [_row(cells, quantiles, f"{path}, line {reader.line_num}") for cells in reader]
    return sorted(rows, key=lambda row: (row.start_seconds, row.service))


def read_labels(path: Path) -> list[Label]:
    """Return the labels of a file with the columns ``t`` (epoch seconds), ``service``, ``type`` and, if known, ``end``.

    Raises:
        UnreadableFileError: a column that must be there is missing, or a number is none.
        OSError: the file cannot be read.
    """
    with _opened(path) as lines:
        reader = csv.DictReader(lines)
        return sorted(_label(cells, f"{path}, line {reader.line_num}") for cells in reader)


def _label(cells: Mapping[str, str], place: str) -> Label:
    start = _number(cells, "t", place)
    if start is None:
        raise UnreadableFileError(f"{place}: t is missing")
    return Label(start, cells.get("service") or "", cells.get("type") or "", _number(cells, "end", place))


def _row(cells: Mapping[str, str], quantiles: Mapping[str, int], place: str) -> WindowRow:
    service, start = cells.get("service"), _number(cells, "ts", place)
    if not service or start is None:
        raise UnreadableFileError(f"{place}: service and ts must be given")
    known = ((per_mille, _number(cells, name, place)) for name, per_mille in quantiles.items())
    return WindowRow(
        service=service,
        start_seconds=start,
        requests=_number(cells, "request_count", place),
        error_ratio=_number(cells, "error_rate", place),
        average_ms=_number(cells, "avg", place),
        quantiles_ms=dict(sorted((per_mille, value) for per_mille, value in known if value is not None)),
    )


def _number(cells: Mapping[str, str], name: str, place: str) -> float | None:
    """Return a number that is not negative; None for an empty cell and for one that says nothing, such as NaN."""
    text = cells.get(name)
    if text is None or not text.strip():
        return None
    try:
        number = float(text)
    except ValueError as error:
        raise UnreadableFileError(f"{place}: {name} is {text!r}, not a number") from error
    return number if math.isfinite(number) and number >= 0 else None


def _per_mille(name: str) -> int:
    whole, _, tenth = name[1:].partition(".")
    return int(whole) * 10 + int(tenth or 0)


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            yield lines
    else:
        with path.open(encoding="utf-8", newline="") as lines:
            yield lines
