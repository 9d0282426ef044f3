"""A store as it is after a week, made in SQL within a minute: 250 series of endpoints, and what was found in them.

Histograms have 25 buckets, as measured traffic has; numbers are spread, but service rows are not the sums of their
endpoints: this is a store to take times on, not one to compare with.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb

from contracts.anomalies import Evidence, EvidenceService, EvidenceWindow
from exporters.store.database import Database

SERVICES, ENDPOINTS, DAYS = 25, 10, 7
NEWEST = datetime(2026, 1, 8, tzinfo=UTC)
"""The end of the newest window."""

_SERVICE, _ENDPOINT = "printf('service-%02d', s)", "printf('/api/v1/resource-%02d', e)"
_BUCKETS = """
    range(-150, -125)::SMALLINT[] AS bucket_index,
    list_transform(range(25), lambda b: (1 + abs(hash(s, e, b)) % 9)::BIGINT) AS bucket_requests,
    list_transform(range(25), lambda b: (hash(e, b) % 2)::BIGINT) AS bucket_errors,
    list_transform(range(25), lambda b: 0.05 * b) AS bucket_latency_sum_seconds,
    list_transform(range(25), lambda b: 0.06) AS bucket_latency_max_seconds
"""
_ROWS = """
SELECT
    w AS window_start, w + INTERVAL '{step}' AS window_end, {service} AS service, {endpoint} AS endpoint,
    125 + hash(w, s, e) % 50 AS request_count, hash(s, w, e) % 5 AS error_count,
    (hash(s, w, e) % 5) / 150.0 AS error_rate, 40 + hash(w, s) % 9 AS avg_latency_ms,
    38.0 + hash(w, e) % 9 AS p50_latency_ms, 55.0 + hash(w, s, e) % 20 AS p95_latency_ms,
    62.0 + hash(w, s, e) % 30 AS p99_latency_ms, 99.0 AS max_latency_ms, {buckets}, w AS updated_at
FROM range(TIMESTAMP '{begin}', TIMESTAMP '{end}', INTERVAL '{step}') AS windows(w),
    range({services}) AS services(s), range({endpoints}) AS endpoints(e)
ORDER BY w, s, e
"""
_TOTALS = """
INSERT INTO series_totals BY NAME
SELECT
    row_number() OVER () AS ordinal, service, endpoint, min(window_start) AS first_seen, max(window_end) AS last_seen,
    sum(request_count)::BIGINT AS request_count, sum(error_count)::BIGINT AS error_count,
    1.5 AS latency_sum_seconds, [-9, -8]::TINYINT[] AS classic_index, [1, 2]::BIGINT[] AS classic_requests
FROM hourly_metrics WHERE endpoint <> '' GROUP BY service, endpoint
"""
_BATCHES = """
INSERT INTO stream_batches
SELECT
    'run', row_number() OVER (), w, '{{"0": [0, 100]}}', 3000, 3000, 2990, 4, 1, 5, '{{"invalid_json": 5}}', 0, 0,
    w - INTERVAL 10 MINUTE, w, 1.5
FROM range(TIMESTAMP '{begin}', TIMESTAMP '{end}', INTERVAL 5 SECOND) AS windows(w)
"""
_LETTERS = """
INSERT INTO dead_letters
SELECT
    'A', 'raw_events', n % 4, n, TIMESTAMP '{end}' - n * INTERVAL 12 SECOND, 'invalid_json', 'utf-8',
    repeat('x', 700), 700, repeat('0', 64)
FROM range(50000) AS numbers(n)
"""
_COUNTERS = """
INSERT INTO counters
SELECT printf('events_%s_total', name), '{}', 1000000
FROM unnest(['received', 'counted', 'duplicate', 'late', 'lost', 'offsets']) AS names(name)
"""
_REPORTS = """
INSERT INTO health_reports
SELECT w, n + 1, printf('check-%d', n), 'ok', '1 s', 'as it should be'
FROM range(TIMESTAMP '{begin}', TIMESTAMP '{end}', INTERVAL 5 MINUTE) AS windows(w), range(12) AS numbers(n)
"""
_ANOMALIES = """
INSERT INTO anomalies BY NAME
SELECT
    printf('anomaly-%d', n) AS anomaly_id, 2 AS revision, ended AS emitted_at,
    printf('incident-%d', n // 4) AS incident_id, began + INTERVAL 71 SECOND AS detected_at,
    began AS window_start, ended AS window_end, printf('service-%02d', (n // 2) % {services}) AS service,
    CASE WHEN n % 2 = 0 THEN '' ELSE '/api/v1/resource-01' END AS endpoint,
    ['error_surge', 'latency_spike', 'traffic_drop', 'traffic_surge'][1 + (n // 2) % 4] AS anomaly_type,
    CASE WHEN hash(n) % 3 = 0 THEN 'critical' ELSE 'warning' END AS severity, 'error_ratio' AS metric_name,
    0.35 AS metric_value, 0.002 AS baseline_value, 0.01 AS threshold_value,
    'the error ratio is more than 3 times the usual' AS description, n >= 20 AS resolved,
    CASE WHEN n >= 20 THEN ended END AS resolved_at, $evidence AS evidence, 'warning' AS first_severity
FROM (
    SELECT
        n, date_trunc('minute', TIMESTAMP '{end}' - INTERVAL 5 MINUTE - n // 4 * {apart} * INTERVAL 4 SECOND) AS began,
        began + (2 + hash(n) % 9) * INTERVAL 1 MINUTE AS ended
    FROM range({anomalies}) AS numbers(n)
)
"""
_SUMMARIES = """
INSERT INTO incident_summaries BY NAME
SELECT
    incident_id, r AS revision, min(detected_at) + r * INTERVAL 30 SECOND AS emitted_at,
    list(anomaly_id) AS anomaly_ids, 'A service fails 36 % of requests' AS headline,
    'Errors rose from 0.19 % to 35.5 %. ' || repeat('More is known. ', 10) AS summary, 'About 895 failed' AS impact,
    ['/api/charge (58 % errors)', '/api/refund (21 % errors)'] AS most_affected, 'A dependency is down' AS hypothesis,
    ['The last deployment', 'Time-outs'] AS check_first, 'high' AS confidence, 'llama3.1:8b' AS model,
    CASE r WHEN 1 THEN 'template' ELSE 'llm' END AS source, 'grounded' AS grounded, 32.0 AS generation_seconds
FROM anomalies CROSS JOIN range(1, 3) AS revisions(r)
GROUP BY incident_id, r
"""
_INJECTIONS = """
INSERT INTO injections BY NAME
SELECT
    replace(anomaly_id, 'anomaly', 'injection') AS injection_id, 1 AS revision, emitted_at, service,
    anomaly_type AS kind, window_start AS started_at, window_end AS ended_at, 6.2 AS magnitude, 'chance' AS origin
FROM anomalies WHERE hash(anomaly_id) % 10 = 0
"""


@dataclass(frozen=True, slots=True)
class Found:
    """How many anomalies there are, four of them an incident, evenly spread over how many days."""

    anomalies: int = 50_000
    days: int = 30


def fill(database: Database, found: Found) -> None:
    """Write everything into an empty store."""
    end, begin = (f"{moment:%Y-%m-%d %H:%M}" for moment in (NEWEST, NEWEST - timedelta(days=DAYS)))
    with database.cursor() as cursor:
        for day in range(DAYS):
            first = NEWEST - timedelta(days=DAYS - day)
            _metrics(cursor, first, first + timedelta(days=1))
        apart = timedelta(days=found.days).total_seconds() / found.anomalies
        for statement in (_TOTALS, _BATCHES, _LETTERS, _REPORTS):
            cursor.execute(statement.format(begin=begin, end=end))
        cursor.execute(_COUNTERS)
        statement = _ANOMALIES.format(end=end, services=SERVICES, apart=apart, anomalies=found.anomalies)
        cursor.execute(statement, {"evidence": _evidence().model_dump_json()})
        cursor.execute(_SUMMARIES)
        cursor.execute(_INJECTIONS)


def _metrics(cursor: duckdb.DuckDBPyConnection, begin: datetime, end: datetime) -> None:
    span = {"begin": f"{begin:%Y-%m-%d %H:%M}", "end": f"{end:%Y-%m-%d %H:%M}", "services": SERVICES}
    whole = {"service": _SERVICE, "endpoint": "''", "endpoints": 1, "buckets": _BUCKETS, **span}
    each = {**whole, "endpoint": _ENDPOINT, "endpoints": ENDPOINTS}
    endpoint_rows = _ROWS.format(step="1 MINUTE", **each)
    cursor.execute(f"INSERT INTO endpoint_metrics BY NAME SELECT *, 'A' AS cluster_id FROM ({endpoint_rows})")  # noqa: S608
    service_rows = _ROWS.format(step="1 MINUTE", **whole)
    cursor.execute(f"INSERT INTO service_metrics BY NAME SELECT * EXCLUDE (endpoint) FROM ({service_rows})")  # noqa: S608
    for kind in (whole, each):
        cursor.execute(f"INSERT INTO hourly_metrics BY NAME {_ROWS.format(step='1 HOUR', **kind)}")


def _evidence() -> Evidence:
    windows = [
        EvidenceWindow(
            window_start=NEWEST - timedelta(minutes=15 - minute),
            requests=1000,
            errors=36,
            latency_p95_seconds=0.2,
            value=0.36,
            expected=0.002,
            threshold=0.01,
        )
        for minute in range(15)
    ]
    others = [
        EvidenceService(
            service=f"service-{number:02d}",
            requests=1000,
            error_ratio=0.01,
            usual_error_ratio=0.01,
            latency_p95_seconds=0.2,
            usual_latency_p95_seconds=0.2,
        )
        for number in range(20)
    ]
    return Evidence(rule="error_ratio_over_baseline", sample_size=1000, windows=tuple(windows), services=tuple(others))
