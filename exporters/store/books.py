"""The books: one row per micro-batch, and the counters that each batch raises exactly once."""

import json
from collections.abc import Iterable

import duckdb
import pyarrow as pa

from contracts import metrics
from contracts.event import Reason
from contracts.records import BatchEnd
from exporters.store.arriving import UTC_TIME
from exporters.store.counters import Rises
from exporters.store.transaction import registered

DURATION_BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0)
"""Upper bounds, in seconds, of the buckets of ``streaming_batch_duration_seconds``."""

_EXACT = 2.0**20
_SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("batch_id", pa.int64()),
        ("ended_at", UTC_TIME),
        ("offsets", pa.string()),
        *((name, pa.int64()) for name in ("offsets_read", "received", "counted", "duplicate", "late", "invalid")),
        ("invalid_reasons", pa.string()),
        *((name, pa.int64()) for name in ("future", "lost")),
        ("watermark", UTC_TIME),
        ("max_event_time", UTC_TIME),
        ("duration_seconds", pa.float64()),
    ]
)
_INSERT = """
INSERT INTO stream_batches BY NAME
FROM ended ANTI JOIN stream_batches USING (run_id, batch_id)
RETURNING run_id, batch_id
"""


def write_books(cursor: duckdb.DuckDBPyConnection, ends: Iterable[BatchEnd], rises: Rises) -> None:
    """Write the batches that are new and raise the counters by them.

    A batch ends once per partition, and again when Spark repeats it after a crash; the repeat counts the same events
    and may only have taken longer. The earliest copy at hand is kept, and what is written stays.
    """
    batches: dict[tuple[str, int], BatchEnd] = {}
    for end in sorted(ends, key=lambda end: end.emitted_at):
        batches.setdefault((end.run_id, end.batch_id), end)
    if not batches:
        return
    with registered(cursor, "ended", pa.Table.from_pylist([_row(end) for end in batches.values()], _SCHEMA)):
        written = cursor.execute(_INSERT).fetchall()
    for run_id, batch_id in written:
        _raise_counters(rises, batches[run_id, batch_id])


def _row(end: BatchEnd) -> dict[str, object]:
    return {
        **end.model_dump(include={*_SCHEMA.names} - {"offsets", "invalid"}),
        "ended_at": end.emitted_at,
        "offsets": json.dumps({str(partition): position for partition, position in sorted(end.offsets.items())}),
        "offsets_read": offsets_read(end),
        "invalid": sum(end.invalid.values()),
        "invalid_reasons": json.dumps(end.invalid, sort_keys=True),
    }


def offsets_read(end: BatchEnd) -> int:
    """Return how many offsets of ``raw_events`` a batch covers, lost ones included."""
    return sum(to - start for start, to in end.offsets.values())


def _raise_counters(rises: Rises, end: BatchEnd) -> None:
    rises.add(metrics.EVENTS_RECEIVED.name, end.received)
    rises.add(metrics.EVENTS_COUNTED.name, end.counted)
    rises.add(metrics.EVENTS_DUPLICATE.name, end.duplicate)
    rises.add(metrics.EVENTS_LATE.name, end.late)
    rises.add(metrics.EVENTS_LOST.name, end.lost)
    rises.add(metrics.EVENTS_OFFSETS.name, offsets_read(end))
    rises.add(metrics.EVENTS_REJECTED.name, end.future, {"reason": Reason.FUTURE})
    for reason, rejected in end.invalid.items():
        rises.add(metrics.EVENTS_REJECTED.name, rejected, {"reason": reason})
    _raise_duration(rises, round(end.duration_seconds * _EXACT) / _EXACT)


def _raise_duration(rises: Rises, seconds: float) -> None:
    name = metrics.BATCH_DURATION.name
    for bound in DURATION_BOUNDS:
        rises.add(f"{name}_bucket", int(seconds <= bound), {"le": str(bound)})
    rises.add(f"{name}_bucket", 1, {"le": "+Inf"})
    rises.add(f"{name}_sum", seconds)
