"""What the counters of ``/metrics`` were in the past.

They are computed backwards, from the totals over all time less the minutes that came later, so that they meet what is
shown at present, however many minutes retention has removed. Within a minute requests are taken as evenly spread.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from exporters.store.figures import CLASSIC_INDEXES, SeriesFigures, series_limits
from exporters.store.past import WINDOW_MS, Past, newest_closed_start_ms
from exporters.store.pool import CursorPool
from exporters.store.series_labels import PLACED_SERIES

SERIES_AT_ONCE = 50
"""Series in one query: what is in memory at a time."""

REQUESTS, ERRORS, LATENCY = slice(0, 1), slice(1, 2), slice(2, None)
"""Parts of ``Counts``."""

Counts = tuple[int | float, ...]
"""Requests, errors, sum of latencies in seconds, then the requests up to each classic bound, the last is +Inf."""

_PAST = f"""
WITH {PLACED_SERIES},
labels AS (
    SELECT service_label, endpoint_label, row_number() OVER (ORDER BY min(ordinal)) AS number
    FROM placed
    GROUP BY service_label, endpoint_label
),
chosen AS (
    SELECT * FROM placed JOIN labels USING (service_label, endpoint_label)
    WHERE number BETWEEN $first AND $last
),
totals AS (
    SELECT
        number, any_value(service_label) AS service, any_value(endpoint_label) AS endpoint,
        sum(request_count)::BIGINT AS requests, sum(error_count)::BIGINT AS errors,
        sum(latency_sum_seconds) AS latency_sum,
        flatten(list(classic_index)) AS classic_index, flatten(list(classic_requests)) AS classic_requests
    FROM chosen
    GROUP BY number
),
minutes AS (
    SELECT
        number, window_start, sum(request_count)::BIGINT AS requests, sum(error_count)::BIGINT AS errors,
        sum(list_sum(bucket_latency_sum_seconds)) AS latency_sum,
        list_transform(flatten(list(bucket_index)), lambda i: to_classic(i)) AS classic_index,
        flatten(list(bucket_requests)) AS classic_requests
    FROM endpoint_metrics JOIN (SELECT number, service, endpoint FROM chosen) USING (service, endpoint)
    WHERE window_start >= make_timestamp_ms($from_ms)
    GROUP BY number, window_start
),
later AS (
    SELECT number, list({{
        'start_ms': epoch_ms(window_start), 'requests': requests, 'errors': errors, 'latency_sum': latency_sum,
        'classic_index': classic_index, 'classic_requests': classic_requests
    }} ORDER BY window_start) AS minutes
    FROM minutes
    GROUP BY number
)
SELECT totals.*, coalesce(minutes, []) AS minutes
FROM totals LEFT JOIN later USING (number)
ORDER BY number
"""  # noqa: S608 - constants are put in


@dataclass(frozen=True, slots=True)
class PastCounters:
    """A series and its samples: moments in epoch milliseconds and, of ``Counts``, the part that was asked for."""

    service: str
    endpoint: str
    samples: list[tuple[int, Counts]]


def past_counters(
    pool: CursorPool, past: Past, shown: Mapping[tuple[str, str], SeriesFigures], reached_ms: int, part: slice
) -> Iterator[PastCounters]:
    """Yield each series that is shown, a few of them in memory at a time.

    Args:
        pool: where to read.
        past: the moments; none of them after ``reached_ms`` is told.
        shown: the series by service and endpoint, as ``/metrics`` began to show them. No sample exceeds these counts.
        reached_ms: stream time at which they were shown.
        part: of ``Counts``.
    """
    first, found = 1, True
    while found:
        limits = {"first": first, "last": first + SERIES_AT_ONCE - 1, "from_ms": past.from_ms}
        rows = pool.rows("openmetrics", _PAST, {**series_limits(), **limits})
        for row in rows:
            figures = shown.get((row["service"], row["endpoint"]))
            if figures is not None:
                yield PastCounters(row["service"], row["endpoint"], _samples(row, past, figures, reached_ms, part))
        first, found = first + SERIES_AT_ONCE, bool(rows)


def _samples(
    row: Mapping[str, Any], past: Past, figures: SeriesFigures, reached_ms: int, part: slice
) -> list[tuple[int, Counts]]:
    end = figures.requests, figures.errors, figures.latency_sum_seconds, *figures.cumulative
    known = _known(row, past, newest_closed_start_ms(reached_ms) + WINDOW_MS)
    if not known:
        return []
    # A series that is new begins with 0, so that its first requests are an increase.
    begin_ms = next((at_ms for (at_ms, _), (_, after) in pairwise(known) if after[0] > 0), None)
    points = [(at_ms, _least(counts, end)[part]) for at_ms, counts in (*known, (reached_ms, end))]
    begin_ms = known[-1][0] if begin_ms is None else begin_ms
    return [(at_ms, _between(points, at_ms)) for at_ms in past.moments if begin_ms <= at_ms <= reached_ms]


def _known(row: Mapping[str, Any], past: Past, closed_ms: int) -> list[tuple[int, Counts]]:
    """Return the counts at the ends of minutes from the beginning of the past until ``closed_ms``."""
    minutes = [(minute["start_ms"], _counts(minute)) for minute in row["minutes"]]
    counts = _counts(row)
    for _, added in minutes:
        counts = tuple(all_ - later for all_, later in zip(counts, added, strict=True))
    known = [(past.from_ms, counts)]
    for start_ms, added in minutes:
        if start_ms > known[-1][0]:
            known.append((start_ms, counts))
        counts = tuple(before + more for before, more in zip(counts, added, strict=True))
        known.append((start_ms + WINDOW_MS, counts))
    if known[-1][0] < closed_ms:
        known.append((closed_ms, counts))
    return [(at_ms, each) for at_ms, each in known if at_ms <= closed_ms]


def _counts(row: Mapping[str, Any]) -> Counts:
    buckets = dict.fromkeys((*CLASSIC_INDEXES, CLASSIC_INDEXES.stop), 0)
    for index, requests in zip(row["classic_index"], row["classic_requests"], strict=True):
        buckets[index] += requests
    return row["requests"], row["errors"], row["latency_sum"], *accumulate(buckets.values())


def _least(counts: Counts, end: Counts) -> Counts:
    return tuple(min(pair) for pair in zip(counts, end, strict=True))


def _between(points: list[tuple[int, Counts]], at_ms: int) -> Counts:
    after = bisect_right(points, at_ms, key=lambda point: point[0])
    before_ms, before = points[after - 1]
    if after == len(points) or before_ms == at_ms:
        return before
    after_ms, then = points[after]
    part, whole = at_ms - before_ms, after_ms - before_ms
    return tuple(_share(*ends, part, whole) for ends in zip(before, then, strict=True))


def _share(before: float, then: float, part: int, whole: int) -> float:
    """Return the number between two; whole requests stay whole."""
    if isinstance(before, int) and isinstance(then, int):
        return before + (then - before) * part // whole
    return before + (then - before) * part / whole
