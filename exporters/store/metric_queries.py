"""Queries about traffic: rates, ratios and latencies of services and endpoints.

Rows are flat, named as the API names them, times in epoch milliseconds. Lists of services and endpoints are None for
all. A row is in range when it overlaps ``[from_ms, to_ms]``.
"""

from datetime import timedelta

from contracts.times import WINDOW
from exporters.store.pool import CursorPool, Row
from exporters.store.selection import Selection, Span
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
    coalesce(requests, 0) AS requests, errors / requests AS error_ratio,
    quantile_ms(indexes, counts, requests, 950) / 1000 AS p95_seconds
FROM found LEFT JOIN histograms USING (service)
ORDER BY last_seen DESC, service
"""  # noqa: S608 - a constant is put in


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
    """Return each service, the most recent first, with its figures over all the hours that are kept.

    Ratio and quantile are None when no hour of the service is kept any more.
    """
    parameters = {"from_ms": span.from_ms, "to_ms": span.to_ms, "services": services, "limit": limit}
    return pool.rows("services", _SERVICES, parameters)
