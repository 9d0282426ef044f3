"""Rows of a micro-batch become one update for each window, service and endpoint."""

from datetime import UTC, datetime

import pyarrow as pa

from contracts.records import Bucket
from streaming.updates import COLUMNS, BatchIdentity, window_updates

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE_US = 60_000_000
IDENTITY = BatchIdentity("run", 3)


def table(*rows: tuple[int, str, str, int, int, int, float, float, int, int]) -> pa.Table:
    return pa.table(dict(zip(COLUMNS, zip(*rows, strict=True), strict=True)))


def test_buckets_of_one_series_and_minute_share_an_update() -> None:
    rows = table(
        (0, "a", "/", 5, 2, 1, 0.5, 0.3, 1, 1),
        (MINUTE_US, "a", "/", 5, 1, 0, 0.1, 0.1, 0, 0),
        (0, "a", "/", 4, 1, 0, 0.2, 0.2, 0, 1),
    )
    first, second = window_updates(rows, IDENTITY, NOW)
    assert first.buckets == (Bucket(4, 1, 0, 0.2, 0.2), Bucket(5, 2, 1, 0.5, 0.3))
    assert first.arrivals == ((0, 1), (1, 1))
    assert second.window_start == datetime(1970, 1, 1, 0, 1, tzinfo=UTC)


def test_an_update_says_where_it_comes_from() -> None:
    (update,) = window_updates(table((0, "a", "/", 5, 2, 1, 0.5, 0.3, 1, 1)), IDENTITY, NOW)
    assert (update.run_id, update.batch_id, update.emitted_at) == ("run", 3, NOW)
    assert (update.window_end - update.window_start).total_seconds() == 60


def test_no_rows_are_no_updates() -> None:
    assert list(window_updates(table((0, "a", "/", 5, 2, 1, 0.5, 0.3, 1, 1)).slice(1), IDENTITY, NOW)) == []
