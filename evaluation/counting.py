"""Counts requests in micro-batches as streaming counts them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.event import ERROR_STATUS
from contracts.histogram import bucket_index
from contracts.times import THIRD, from_epoch_ms, window_start
from detector.windows import WindowCounts
from evaluation.feed import Batch
from generator.row import Row

Key = tuple[datetime, str, str]


class _Count(NamedTuple):
    """Requests of a bucket, how many of them failed, and how many came in the first and in the second third."""

    requests: int = 0
    errors: int = 0
    first: int = 0
    second: int = 0


class Counting:
    """Cumulative counts of the windows that are not over."""

    def __init__(self) -> None:
        self._counts: dict[Key, dict[int, _Count]] = {}

    def batch(self, rows: Sequence[Row]) -> Batch:
        """Count rows, at least one, and return the counts that they change; stream time is that of the newest."""
        changed: dict[Key, set[int]] = defaultdict(set)
        now = from_epoch_ms(max(row.event_time_ms for row in rows))
        self._counts = {key: each for key, each in self._counts.items() if key[0] > now - timedelta(minutes=2)}
        for row in rows:
            moment = from_epoch_ms(row.event_time_ms)
            start = window_start(moment)
            key, index = (start, row.service, row.endpoint), bucket_index(row.latency_ms / 1000)
            buckets = self._counts.setdefault(key, {})
            third, failed = (moment - start) // THIRD, row.status_code >= ERROR_STATUS
            known = buckets.get(index, _Count())
            buckets[index] = _Count(
                known.requests + 1, known.errors + failed, known.first + (third == 0), known.second + (third == 1)
            )
            changed[key].add(index)
        return Batch(tuple(self._window(key, indexes) for key, indexes in changed.items()), now)

    def _window(self, key: Key, indexes: set[int]) -> WindowCounts:
        counts = [(index, self._counts[key][index]) for index in sorted(indexes)]
        return WindowCounts(
            *key,
            [(index, each.requests, each.errors) for index, each in counts],
            [(each.first, each.second) for _, each in counts],
        )
