"""The figures that ``/metrics`` shows, read from the tables in one go after each unit of work."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from contracts import metrics
from contracts.times import WINDOW, to_epoch_ms, window_start
from exporters.store.budget_figures import USUAL_OBJECTIVES, BudgetFigure, Objectives, read_budgets
from exporters.store.decode import TOPICS
from exporters.store.detection_figures import DetectionFigures, read_detection
from exporters.store.incident_figures import ActiveFigure, read_active, read_open_incidents
from exporters.store.pool import CursorPool, Row
from exporters.store.series_labels import PLACED_SERIES
from exporters.store.service_histograms import HISTOGRAMS
from exporters.store.service_labels import MAX_SERVICES, NAMED_SERVICES, OTHER

MAX_SERIES = 1_000
CLOSING_DELAY = timedelta(seconds=10)
"""A window is closed when stream time is this much past its end."""
CLASSIC_INDEXES = range(-20, 13)
"""Classic bucket k has the upper bound ``2^(k/2)`` seconds, 1 ms to 64 s; the index after the last stands for +Inf."""

_SERIES = f"""
WITH {PLACED_SERIES}
SELECT
    service_label AS service,
    endpoint_label AS endpoint,
    sum(request_count)::BIGINT AS requests,
    sum(error_count)::BIGINT AS errors,
    sum(latency_sum_seconds) AS latency_sum_seconds,
    flatten(list(classic_index)) AS classic_index,
    flatten(list(classic_requests)) AS classic_requests
FROM placed
GROUP BY 1, 2
ORDER BY min(ordinal)
"""  # noqa: S608 - constants are put in

_WINDOWS = f"""
WITH named AS ({NAMED_SERVICES}),
buckets AS (
    SELECT
        CASE WHEN service IN (FROM named) THEN service ELSE $other END AS service,
        unnest(bucket_index) AS bucket_index, unnest(bucket_requests) AS requests, unnest(bucket_errors) AS errors
    FROM service_metrics
    WHERE window_start = make_timestamp_ms($window_start_ms)
),
{HISTOGRAMS}
SELECT
    service, requests, errors,
    quantile_ms(indexes, counts, requests, 500) / 1000 AS p50_seconds,
    quantile_ms(indexes, counts, requests, 950) / 1000 AS p95_seconds,
    quantile_ms(indexes, counts, requests, 990) / 1000 AS p99_seconds
FROM histograms
ORDER BY service
"""  # noqa: S608 - constants are put in

_COUNTERS = "SELECT name, labels, value FROM counters ORDER BY name, labels"
_NEWEST_BATCH = "SELECT max(ended_at) AS ended_at FROM stream_batches"


@dataclass(frozen=True, slots=True)
class SeriesFigures:
    """All-time counts of one series; ``cumulative`` are the requests up to each classic bound, the last is +Inf."""

    service: str
    endpoint: str
    requests: int
    errors: int
    latency_sum_seconds: float
    cumulative: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WindowFigures:
    """One service in the newest closed window; ``latency_seconds`` by quantile as a label: "0.5", "0.95", "0.99"."""

    service: str
    requests_per_second: float
    error_ratio: float
    latency_seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class CounterFigure:
    """One running total with its labels."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What the tables hold at one moment; ``open_incidents`` by severity, empty before the tables were read."""

    series: tuple[SeriesFigures, ...] = field(default=())
    windows: tuple[WindowFigures, ...] = field(default=())
    counters: tuple[CounterFigure, ...] = field(default=())
    active_anomalies: tuple[ActiveFigure, ...] = field(default=())
    open_incidents: Mapping[str, int] = field(default_factory=dict)
    budgets: tuple[BudgetFigure, ...] = field(default=())
    detection: DetectionFigures | None = None
    newest_batch_at: datetime | None = None


def newest_closed_window(stream_time: datetime | None) -> datetime | None:
    """Return the start of the newest window that no event in time can change any more; None without stream time."""
    return None if stream_time is None else window_start(stream_time - CLOSING_DELAY) - WINDOW


def series_limits() -> dict[str, int | str]:
    """Return the parameters of ``PLACED_SERIES``."""
    return {"services": MAX_SERVICES, "series": MAX_SERIES, "other": OTHER}


def read_figures(
    pool: CursorPool,
    stream_time: datetime | None,
    objectives: Objectives = USUAL_OBJECTIVES,
    known_detection: DetectionFigures | None = None,
) -> Figures:
    """Read everything that ``/metrics`` shows of the tables.

    Args:
        pool: where the queries run.
        stream_time: up to which the tables are complete; None where it is not known.
        objectives: what services promise.
        known_detection: read earlier, since when neither anomalies nor injections changed; None to read it again.
    """
    named = [row["service"] for row in pool.rows("figures", NAMED_SERVICES)]
    newest = pool.rows("figures", _NEWEST_BATCH)[0]["ended_at"]
    return Figures(
        series=tuple(_series(row) for row in pool.rows("figures", _SERIES, series_limits())),
        windows=_windows(pool, newest_closed_window(stream_time)),
        counters=_counters(pool),
        active_anomalies=read_active(pool, named),
        open_incidents=read_open_incidents(pool),
        budgets=read_budgets(pool, stream_time, objectives, named),
        detection=read_detection(pool, stream_time, known_detection),
        newest_batch_at=newest.replace(tzinfo=UTC) if isinstance(newest, datetime) else None,
    )


def _windows(pool: CursorPool, start: datetime | None) -> tuple[WindowFigures, ...]:
    if start is None:
        return ()
    parameters = {"other": OTHER, "window_start_ms": to_epoch_ms(start)}
    return tuple(window_figures(row) for row in pool.rows("figures", _WINDOWS, parameters))


def _series(row: dict[str, Any]) -> SeriesFigures:
    counts = dict.fromkeys((*CLASSIC_INDEXES, CLASSIC_INDEXES.stop), 0)
    for index, requests in zip(row.pop("classic_index"), row.pop("classic_requests"), strict=True):
        counts[index] += requests
    return SeriesFigures(**row, cumulative=tuple(accumulate(counts.values())))


def window_figures(row: Row) -> WindowFigures:
    """Return the figures of a row with requests, errors, p50_seconds, p95_seconds and p99_seconds."""
    return WindowFigures(
        service=row["service"],
        requests_per_second=row["requests"] / WINDOW.total_seconds(),
        error_ratio=row["errors"] / row["requests"],
        latency_seconds={"0.5": row["p50_seconds"], "0.95": row["p95_seconds"], "0.99": row["p99_seconds"]},
    )


def _counters(pool: CursorPool) -> tuple[CounterFigure, ...]:
    found = [
        CounterFigure(row["name"], json.loads(row["labels"]), row["value"]) for row in pool.rows("figures", _COUNTERS)
    ]
    # A counter that appears with its first loss has not risen, as Prometheus sees it.
    lossy = {figure.labels["topic"] for figure in found if figure.name == metrics.SINK_RECORDS_LOST.name}
    none_lost = [
        CounterFigure(metrics.SINK_RECORDS_LOST.name, {"topic": topic}, 0) for topic in TOPICS if topic not in lossy
    ]
    return (*found, *none_lost)
