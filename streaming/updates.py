"""Turns the rows of a micro-batch into window updates."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa

from contracts.records import Bucket, WindowUpdate
from contracts.times import EPOCH, WINDOW

COLUMNS = (
    "window_start_us",
    "service",
    "endpoint",
    "bucket",
    "requests",
    "errors",
    "latency_sum_seconds",
    "latency_max_seconds",
    "first_third_requests",
    "second_third_requests",
)
"""Columns of the job's result; ``window_start_us`` is in microseconds since 1970, the next as in
``Bucket``, the last two as in ``Arrivals``."""

_KEY = itemgetter(0, 1, 2)
_BUCKET, _ARRIVALS = slice(3, 8), slice(8, 10)


@dataclass(frozen=True, slots=True)
class BatchIdentity:
    """Which micro-batch of which run; ``run_id`` is Spark's query id, which lives as long as its checkpoint."""

    run_id: str
    batch_id: int


def window_updates(rows: pa.Table, identity: BatchIdentity, now: datetime) -> Iterator[WindowUpdate]:
    """Yield one update for each (window, service, endpoint) in the rows, with its changed buckets.

    Args:
        rows: the columns ``COLUMNS``, in any order of rows.
        identity: the micro-batch.
        now: when the updates are emitted.
    """
    ordered = rows.select(COLUMNS).sort_by([(name, "ascending") for name in COLUMNS[:4]])
    columns = [column.to_pylist() for column in ordered.columns]
    for key, group in groupby(zip(*columns, strict=True), key=_KEY):
        yield _update(key, group, identity, now)


def _update(
    key: tuple[int, str, str], rows: Iterator[tuple[Any, ...]], at: BatchIdentity, now: datetime
) -> WindowUpdate:
    start = EPOCH + key[0] * datetime.resolution
    buckets = list(rows)
    return WindowUpdate(
        window_start=start,
        window_end=start + WINDOW,
        service=key[1],
        endpoint=key[2],
        buckets=tuple(Bucket(*row[_BUCKET]) for row in buckets),
        arrivals=tuple(row[_ARRIVALS] for row in buckets),
        run_id=at.run_id,
        batch_id=at.batch_id,
        emitted_at=now,
    )
