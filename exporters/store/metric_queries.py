"""Queries about traffic: rates, ratios and latencies of services and endpoints.

Times are epoch milliseconds. Lists of services and endpoints are None for all. A row is in range when it overlaps
``[from_ms, to_ms]``.

What a step keeps of its windows is chosen so that a peak can be seen from afar: of ``request_rate`` the mean (requests
of the step over its length, so that areas stay right), of ``error_ratio``, ``p50_seconds``, ``p95_seconds`` and
``p99_seconds`` each the largest, that of the worst window. Where minutes are not kept any more, hours take their place,
and a window is an hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from exporters.store.pool import CursorPool, Row
from exporters.store.selection import Selection, Span
from exporters.store.service_histograms import HISTOGRAMS
from exporters.store.steps import Resolution, Steps, choose_steps

MAX_ROWS = 40_000
"""Most rows of one answer. Of more series the steps are longer: 1,500 points of 25 series each, 160 of 250."""
METRICS = ("request_rate", "error_ratio", "p50_seconds", "p95_seconds", "p99_seconds")
"""What is known of each step."""
WHOLE_SERVICE = ""
"""The endpoint of rows that are about a whole service."""

_NEWEST = "SELECT epoch_ms(max(window_end)) AS newest FROM service_metrics"

_EXTENT = """
SELECT
    (SELECT epoch_ms(max(since)) FROM minutes_kept) AS kept_since_ms,
    count(*) AS endpoints, count(DISTINCT service) AS services
FROM series_totals
WHERE ($services IS NULL OR list_contains($services, service))
    AND ($endpoints IS NULL OR list_contains($endpoints, endpoint))
    AND epoch_ms(first_seen) <= $to_ms AND epoch_ms(last_seen) >= $from_ms
"""

_STEPS = "metric_steps('{source}', $kept_since_ms, $begin_ms, $step_ms, $end_ms, $services, $endpoints)"

# Tens of thousands of rows are made into JSON where they are: as Python objects they would take three times as long.
_ROWS = f"""
SELECT to_json(steps)::VARCHAR AS row
FROM (
    FROM (FROM {_STEPS} ORDER BY time DESC, service, endpoint LIMIT $limit)
    ORDER BY time, service, endpoint
) AS steps
"""  # noqa: S608 - a constant is put in

_SERIES = f"""
SELECT service, endpoint, list(time ORDER BY time) AS times, list({{metric}} ORDER BY time) AS "values"
FROM {_STEPS}
GROUP BY service, endpoint
ORDER BY service, endpoint
"""  # noqa: S608 - a constant is put in

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


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of a service, or of one of its endpoints, oldest value first."""

    service: str
    endpoint: str
    times: Sequence[int]
    values: Sequence[float]


def metric_rows_json(pool: CursorPool, selection: Selection, wanted: Resolution, limit: int = MAX_ROWS) -> str:
    """Return time, service, endpoint and every metric per step and series, oldest first, as the text of a JSON array.

    Without endpoints the rows are those of whole services. Of more than ``limit`` rows the newest are returned.
    """
    statement, parameters = _asked(pool, _ROWS, selection, wanted)
    rows = pool.rows("metrics", statement, {**parameters, "limit": limit})
    return f"[{','.join(row['row'] for row in rows)}]"


def metric_series(pool: CursorPool, selection: Selection, wanted: Resolution, metric: str) -> list[Series]:
    """Return one of ``METRICS`` per series, sorted by service and endpoint.

    Raises:
        ValueError: there is no such metric.
    """
    if metric not in METRICS:
        raise ValueError(f"{metric!r} is none of {', '.join(METRICS)}")
    statement, parameters = _asked(pool, _SERIES, selection, wanted)
    return [Series(**row) for row in pool.rows("metrics", statement.replace("{metric}", metric), parameters)]


def _asked(pool: CursorPool, statement: str, selection: Selection, wanted: Resolution) -> tuple[str, Row]:
    """Return the statement over the right table and its parameters."""
    span = selection.span
    names = {"services": selection.services, "endpoints": selection.endpoints}
    (extent,) = pool.rows("metrics", _EXTENT, {"from_ms": span.from_ms, "to_ms": span.to_ms, **names})
    kept_since_ms = extent["kept_since_ms"] or 0
    whole = selection.endpoints is None
    series = extent["services" if whole else "endpoints"]
    wanted = replace(wanted, max_points=min(wanted.max_points, MAX_ROWS // max(series, 1)))
    steps = choose_steps(span, wanted, of_hours=span.from_ms < kept_since_ms)
    source = "whole_service_metrics" if whole else "endpoint_metrics"
    parameters = {**_bounds(steps), "kept_since_ms": kept_since_ms, **names}
    if whole:
        parameters["endpoints"] = [WHOLE_SERVICE]
    return statement.replace("{source}", source), parameters


def _bounds(steps: Steps) -> Row:
    return {"begin_ms": steps.begin_ms, "step_ms": steps.step_ms, "end_ms": steps.end_ms}


def service_rows(pool: CursorPool, span: Span, services: list[str] | None, limit: int) -> list[Row]:
    """Return each service, the most recent first, with its figures over all the hours that are kept.

    Ratio and quantile are None when no hour of the service is kept any more.
    """
    parameters = {"from_ms": span.from_ms, "to_ms": span.to_ms, "services": services, "limit": limit}
    return pool.rows("services", _SERVICES, parameters)
