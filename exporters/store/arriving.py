"""Decoded records as Arrow tables, so that SQL works on whole batches."""

from array import array
from collections.abc import Sequence
from itertools import chain
from typing import Any

import pyarrow as pa

from contracts.records import WindowUpdate

UTC_TIME = pa.timestamp("us")
_BUCKET_COLUMNS = (
    ("bucket_index", "h", pa.int16()),
    ("bucket_requests", "q", pa.int64()),
    ("bucket_errors", "q", pa.int64()),
    ("bucket_latency_sum_seconds", "d", pa.float64()),
    ("bucket_latency_max_seconds", "d", pa.float64()),
)


def updates_table(updates: Sequence[WindowUpdate]) -> pa.Table:
    """Return window updates that have buckets as rows of the shape of ``endpoint_metrics``' own columns."""
    return pa.table(
        {
            "window_start": pa.array([update.window_start for update in updates], UTC_TIME),
            "window_end": pa.array([update.window_end for update in updates], UTC_TIME),
            "service": pa.array([update.service for update in updates], pa.string()),
            "endpoint": pa.array([update.endpoint for update in updates], pa.string()),
            "updated_at": pa.array([update.emitted_at for update in updates], UTC_TIME),
            **_bucket_lists(updates),
        }
    )


def _bucket_lists(updates: Sequence[WindowUpdate]) -> dict[str, Any]:
    ends = array("i", [0])
    for update in updates:
        ends.append(ends[-1] + len(update.buckets))
    offsets = pa.Array.from_buffers(pa.int32(), len(ends), [None, pa.py_buffer(ends)])
    columns = zip(*chain.from_iterable(update.buckets for update in updates), strict=True)
    return {
        name: pa.ListArray.from_arrays(offsets, _numbers(array(code, column), arrow_type))
        for (name, code, arrow_type), column in zip(_BUCKET_COLUMNS, columns, strict=True)
    }


def _numbers(values: "array[Any]", arrow_type: pa.DataType) -> Any:  # noqa: ANN401 - pyarrow ships no types
    return pa.Array.from_buffers(arrow_type, len(values), [None, pa.py_buffer(values)])
