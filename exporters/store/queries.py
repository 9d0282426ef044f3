"""Every query of the JSON API. Rows are flat, named as the API names them, times in epoch milliseconds.

Lists of services and endpoints are None for all. A row is in range when it overlaps ``[from_ms, to_ms]``.
"""

from dataclasses import dataclass
from datetime import timedelta

from contracts.times import WINDOW
from exporters.store.pool import CursorPool, Row
from exporters.store.service_histograms import HISTOGRAMS

MAX_STEPS = 1_500
"""Most rows per series that ``metric_rows`` returns."""
WHOLE_SERVICE = ""
"""The endpoint of rows that are about a whole service."""

_HOUR_MS = timedelta(hours=1) // timedelta(milliseconds=1)
_WINDOW_MS = WINDOW // timedelta(milliseconds=1)

_NEWEST = "SELECT epoch_ms(max(window_end)) AS newest FROM service_metrics"

_STEPS = {
    source: f"""
FROM (
    FROM metric_steps('{source}', $step_ms, $from_ms, $to_ms, $services, $endpoints)
    ORDER BY time DESC, service, endpoint
    LIMIT $limit
)
ORDER BY time, service, endpoint
"""
    for source in ("whole_service_metrics", "endpoint_metrics", "hourly_metrics")
}

_SERVICES = f"""
WITH found AS (
    SELECT service, count(*) AS endpoints, min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM series_totals
    WHERE $services IS NULL OR list_contains($services, service)
    GROUP BY service
    HAVING max(last_seen) >= make_timestamp_ms($from_ms) AND min(first_seen) <= make_timestamp_ms($to_ms)
    ORDER BY last_seen DESC, service
    LIMIT $limit
),
buckets AS (
    SELECT
        service,
        unnest(bucket_index) AS bucket_index, unnest(bucket_requests) AS requests, unnest(bucket_errors) AS errors
    FROM hourly_metrics SEMI JOIN found USING (service)
    WHERE endpoint = ''
),
{HISTOGRAMS}
SELECT
    service, endpoints, epoch_ms(first_seen) AS first_seen, epoch_ms(last_seen) AS last_seen,
    requests, errors / requests AS error_ratio, quantile_ms(indexes, counts, requests, 950) / 1000 AS p95_seconds
FROM found JOIN histograms USING (service)
ORDER BY last_seen DESC, service
"""  # noqa: S608 - a constant is put in

_BATCHES = """
SELECT
    batch_id, run_id, epoch_ms(ended_at) AS ended_at,
    received, counted, duplicate, late, invalid, future, lost,
    received - counted - duplicate - late - invalid - future AS unaccounted,
    duration_seconds,
    date_diff('millisecond', watermark, ended_at) / 1000 AS watermark_age_seconds
FROM stream_batches
WHERE epoch_ms(ended_at) >= $from_ms AND epoch_ms(ended_at) - 1000 * duration_seconds <= $to_ms
ORDER BY stream_batches.ended_at DESC, batch_id DESC
LIMIT $limit
"""

_DEAD_LETTERS = """
SELECT
    epoch_ms(received_at) AS time, reason, topic, "partition", "offset", size_bytes, content[:512] AS preview, sha256
FROM dead_letters
WHERE epoch_ms(received_at) BETWEEN $from_ms AND $to_ms
ORDER BY received_at DESC, topic, "partition", "offset" DESC
LIMIT $limit
"""

_BOOKS = """
WITH sums AS (
    SELECT
        coalesce(sum(value) FILTER (WHERE name = 'events_received_total'), 0)::BIGINT AS received,
        coalesce(sum(value) FILTER (WHERE name = 'events_counted_total'), 0)::BIGINT AS counted,
        coalesce(sum(value) FILTER (WHERE name = 'events_duplicate_total'), 0)::BIGINT AS duplicate,
        coalesce(sum(value) FILTER (WHERE name = 'events_late_total'), 0)::BIGINT AS late,
        coalesce(sum(value) FILTER (WHERE name = 'events_rejected_total'), 0)::BIGINT AS rejected,
        coalesce(sum(value) FILTER (
            WHERE name = 'events_rejected_total' AND labels = '{"reason": "future"}'
        ), 0)::BIGINT AS future,
        coalesce(sum(value) FILTER (WHERE name = 'events_lost_total'), 0)::BIGINT AS lost,
        coalesce(sum(value) FILTER (WHERE name = 'events_offsets_total'), 0)::BIGINT AS offsets_read,
        coalesce(sum(value) FILTER (
            WHERE name = 'streaming_batch_duration_seconds_bucket' AND labels = '{"le": "+Inf"}'
        ), 0)::BIGINT AS batches
    FROM counters
)
SELECT
    received, counted, duplicate, late, rejected - future AS invalid, future, lost,
    received - counted - duplicate - late - rejected AS unaccounted,
    offsets_read,
    (SELECT coalesce(sum(request_count), 0)::BIGINT FROM series_totals) AS requests_stored,
    (SELECT count(*) FROM endpoint_metrics) AS windows,
    batches,
    (SELECT count(DISTINCT run_id) FROM stream_batches) AS runs
FROM sums
"""


@dataclass(frozen=True, slots=True)
class Span:
    """A time range in epoch milliseconds, both ends included."""

    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Selection:
    """The series and the time that are asked for; None stands for all services, and for whole services."""

    span: Span
    services: list[str] | None = None
    endpoints: list[str] | None = None


def newest_window_end_ms(pool: CursorPool) -> int | None:
    """Return the end of the newest stored window, None while there is none."""
    newest: int | None = pool.rows("metrics", _NEWEST)[0]["newest"]
    return newest


def metric_rows(pool: CursorPool, selection: Selection, step_ms: int, limit: int) -> list[Row]:
    """Return request rate, error ratio and latency quantiles per step and series, oldest first.

    Without endpoints the rows are those of whole services. Steps are whole windows, from an hour on whole hours, never
    more than ``MAX_STEPS`` of them; of more than ``limit`` rows the newest are returned.
    """
    span, endpoints = selection.span, selection.endpoints
    step_ms = whole_step(span, step_ms)
    source = "whole_service_metrics" if endpoints is None else "endpoint_metrics"
    parameters = {
        "step_ms": step_ms,
        "from_ms": span.from_ms // step_ms * step_ms,
        "to_ms": (span.to_ms // step_ms + 1) * step_ms,
        "services": selection.services,
        "endpoints": [WHOLE_SERVICE] if endpoints is None else endpoints,
        "limit": limit,
    }
    return pool.rows("metrics", _STEPS["hourly_metrics" if step_ms >= _HOUR_MS else source], parameters)


def whole_step(span: Span, wanted_ms: int) -> int:
    """Return the shortest step in milliseconds, of whole windows or hours, that is long enough for ``MAX_STEPS``."""
    least = -(-(span.to_ms - span.from_ms) // (MAX_STEPS - 2))
    step_ms = max(wanted_ms, least, _WINDOW_MS)
    unit = _WINDOW_MS if step_ms <= _HOUR_MS - _WINDOW_MS else _HOUR_MS
    return -(-step_ms // unit) * unit


def service_rows(pool: CursorPool, span: Span, services: list[str] | None, limit: int) -> list[Row]:
    """Return each service, the most recent first, with its figures over all the hours that are kept."""
    parameters = {"from_ms": span.from_ms, "to_ms": span.to_ms, "services": services, "limit": limit}
    return pool.rows("services", _SERVICES, parameters)


def batch_rows(pool: CursorPool, span: Span, limit: int) -> list[Row]:
    """Return the books of each micro-batch, newest first; the watermark's age is None before the first watermark."""
    return pool.rows("batches", _BATCHES, {"from_ms": span.from_ms, "to_ms": span.to_ms, "limit": limit})


def dead_letter_rows(pool: CursorPool, span: Span, limit: int) -> list[Row]:
    """Return rejected messages, newest first; what cannot be printed is replaced in the preview."""
    rows = pool.rows("dead_letters", _DEAD_LETTERS, {"from_ms": span.from_ms, "to_ms": span.to_ms, "limit": limit})
    return [{**row, "preview": _printable(row["preview"])} for row in rows]


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def books_row(pool: CursorPool) -> Row:
    """Return the books over all time: what was received, what became of it, and what the tables hold."""
    return pool.rows("books", _BOOKS)[0]
