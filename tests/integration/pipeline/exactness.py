"""Compares the store with a plain SQL query over the recorded file."""

from pathlib import Path

import duckdb

from contracts.histogram import MAX_QUANTILE_ERROR

EXACT = """
CREATE TABLE exact AS
SELECT
    epoch_ms(ts_ms // 60000 * 60000) AS window_start, service, endpoint,
    count(*) AS requests,
    count(*) FILTER (WHERE {errors}) AS errors,
    fsum(latency_ms / 1000) AS latency_sum,
    list_sort(list(latency_ms)) AS latencies
FROM read_csv('{path}') GROUP BY ALL
"""

JOINED = """
FROM exact FULL JOIN endpoint_metrics AS stored USING (window_start, service, endpoint)
"""


def load_exact(cursor: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Make the table ``exact`` from a recording; return how many rows it has."""
    columns = {row[0] for row in cursor.execute(f"DESCRIBE FROM read_csv('{path}')").fetchall()}
    errors = "status_code >= 500" if "status_code" in columns else "false"
    cursor.execute(EXACT.format(path=path, errors=errors))
    return len(cursor.execute("FROM exact").fetchall())


def wrong_counts(cursor: duckdb.DuckDBPyConnection) -> int:
    """Return how many windows are missing, surplus, or have another number of requests or errors."""
    return _count(cursor, "requests IS DISTINCT FROM request_count OR errors IS DISTINCT FROM error_count")


def wrong_sums(cursor: duckdb.DuckDBPyConnection) -> int:
    """Return how many windows have another latency sum, by more than a nanosecond."""
    return _count(cursor, "abs(latency_sum - list_sum(bucket_latency_sum_seconds)) > 1e-9")


def wrong_quantiles(cursor: duckdb.DuckDBPyConnection) -> int:
    """Return how many windows have a p50, p95 or p99 that is not within 1.1 % of the exact nearest rank."""
    wrong = 0
    for per_mille in (500, 950, 990):
        exact = f"latencies[(len(latencies) * {per_mille} + 999) // 1000]"
        stored = f"p{per_mille // 10}_latency_ms"
        wrong += _count(cursor, f"abs({stored} - {exact}) > {MAX_QUANTILE_ERROR * 1.0001} * greatest({exact}, 0.001)")
    return wrong


def _count(cursor: duckdb.DuckDBPyConnection, condition: str) -> int:
    (number,) = cursor.execute(f"SELECT count(*) {JOINED} WHERE {condition}").fetchone() or (None,)
    assert number is not None
    return int(number)
