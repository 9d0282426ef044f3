"""What the newest closed window of each service was in the past."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from exporters.store.figures import WindowFigures, window_figures
from exporters.store.past import Past, newest_closed_start_ms
from exporters.store.pool import CursorPool
from exporters.store.service_labels import NAMED_SERVICES, OTHER

SERVICES_AT_ONCE = 10
"""Services in one query: what is in memory at a time."""

_WINDOWS = f"""
WITH named AS ({NAMED_SERVICES}),
buckets AS (
    SELECT
        CASE WHEN service IN (FROM named) THEN service ELSE $other END AS service, window_start,
        unnest(bucket_index) AS bucket_index, unnest(bucket_requests) AS requests, unnest(bucket_errors) AS errors
    FROM service_metrics
    WHERE window_start BETWEEN make_timestamp_ms($from_ms) AND make_timestamp_ms($to_ms)
        AND list_contains($labels, CASE WHEN service IN (FROM named) THEN service ELSE $other END)
),
merged AS (
    SELECT service, window_start, bucket_index, sum(requests) AS requests, sum(errors) AS errors
    FROM buckets
    GROUP BY ALL
),
histograms AS (
    SELECT
        service, window_start, sum(requests)::BIGINT AS requests, sum(errors)::BIGINT AS errors,
        list(bucket_index ORDER BY bucket_index) AS indexes, list(requests ORDER BY bucket_index) AS counts
    FROM merged
    GROUP BY service, window_start
)
SELECT
    service, epoch_ms(window_start) AS start_ms, requests, errors,
    quantile_ms(indexes, counts, requests, 500) / 1000 AS p50_seconds,
    quantile_ms(indexes, counts, requests, 950) / 1000 AS p95_seconds,
    quantile_ms(indexes, counts, requests, 990) / 1000 AS p99_seconds
FROM histograms
"""  # noqa: S608 - a constant is put in


_FIRST = """
SELECT epoch_ms(min(window_start)) AS first_ms FROM service_metrics WHERE window_start >= make_timestamp_ms($from_ms)
"""


@dataclass(frozen=True, slots=True)
class PastWindows:
    """A service and the newest closed window at each moment in epoch milliseconds; none where it had no requests."""

    service: str
    samples: list[tuple[int, WindowFigures]]


def kept(pool: CursorPool, past: Past) -> Past:
    """Return the part of a past that begins with the first window that is kept; none where no window is."""
    first_ms = pool.rows("openmetrics", _FIRST, {"from_ms": past.from_ms})[0]["first_ms"]
    return Past(past.to_ms + 1 if first_ms is None else max(past.from_ms, first_ms), past.to_ms)


def past_windows(pool: CursorPool, past: Past, labels: Sequence[str]) -> Iterator[PastWindows]:
    """Yield each of the services, a few of them in memory at a time.

    Args:
        pool: where to read.
        past: the moments.
        labels: names of services, and ``OTHER``.
    """
    span = {"from_ms": newest_closed_start_ms(past.from_ms), "to_ms": newest_closed_start_ms(past.to_ms)}
    for first in range(0, len(labels), SERVICES_AT_ONCE):
        some = list(labels[first : first + SERVICES_AT_ONCE])
        windows: dict[str, dict[int, WindowFigures]] = {label: {} for label in some}
        for row in pool.rows("openmetrics", _WINDOWS, {"other": OTHER, "labels": some, **span}):
            windows[row["service"]][row["start_ms"]] = window_figures(row)
        yield from (PastWindows(label, _samples(past, windows[label])) for label in some)


def _samples(past: Past, windows: Mapping[int, WindowFigures]) -> list[tuple[int, WindowFigures]]:
    seen = ((at_ms, windows.get(newest_closed_start_ms(at_ms))) for at_ms in past.moments)
    return [(at_ms, window) for at_ms, window in seen if window is not None]
