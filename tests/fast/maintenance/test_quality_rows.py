"""Data quality reports a row that cannot be, exactly that, and nothing about rows that can."""

import pytest

from exporters.maintenance.job import JobContext
from exporters.maintenance.quality import MAX_FINDINGS, QualityJob
from exporters.maintenance.state import MaintenanceState
from exporters.snapshot import Snapshot
from exporters.store.findings import Check
from exporters.store.maintenance_cursor import MaintenanceCursor
from tests.fast.maintenance.conftest import Fill, at, execute

Found = list[tuple[str, str, int]]


def run(cursor: MaintenanceCursor, state: MaintenanceState, context: JobContext) -> Found:
    QualityJob(cursor, state, Snapshot, at(), seconds_between_looks=0).run(context)
    rows = cursor.rows("SELECT check_name, subject, affected FROM quality_findings ORDER BY ordinal")
    return [(row["check_name"], row["subject"], row["affected"]) for row in rows]


def test_an_empty_store_has_no_findings(
    cursor: MaintenanceCursor, state: MaintenanceState, context: JobContext
) -> None:
    assert run(cursor, state, context) == []
    assert state.findings == dict.fromkeys(Check, 0)


def test_a_clean_store_has_no_findings(
    cursor: MaintenanceCursor, state: MaintenanceState, context: JobContext, fill: Fill
) -> None:
    fill(range(60))
    assert run(cursor, state, context) == []


MINUTE = "service = 'search' AND window_start = TIMESTAMP '2026-01-01 12:07:00'"
HOUR = "service = 'search' AND endpoint = ''"


@pytest.mark.parametrize(
    ("table", "change", "where", "check"),
    [
        ("endpoint_metrics", "bucket_errors = [NULL]", MINUTE, "nulls"),
        ("stream_batches", "max_event_time = NULL", "TRUE", "nulls"),
        ("endpoint_metrics", "error_rate = 0.2", MINUTE, "impossible_counts"),
        ("service_metrics", "error_rate = 'NaN'", MINUTE, "impossible_counts"),
        ("hourly_metrics", "error_rate = -1", HOUR, "impossible_counts"),
        ("service_metrics", "p50_latency_ms = p95_latency_ms + 1", MINUTE, "impossible_latencies"),
        ("endpoint_metrics", "avg_latency_ms = -1", MINUTE, "impossible_latencies"),
        ("endpoint_metrics", "avg_latency_ms = 126", MINUTE, "impossible_latencies"),
        ("endpoint_metrics", "p99_latency_ms = 127", MINUTE, "impossible_latencies"),
        ("endpoint_metrics", "window_end = window_end + INTERVAL 1 SECOND", MINUTE, "impossible_times"),
        ("hourly_metrics", "window_end = window_start + INTERVAL 1 MINUTE", HOUR, "impossible_times"),
        ("endpoint_metrics", "bucket_requests = [11]", MINUTE, "impossible_histograms"),
        ("endpoint_metrics", "bucket_errors = [0]", MINUTE, "impossible_histograms"),
        ("service_metrics", "bucket_index = [-639]", MINUTE, "impossible_histograms"),
        ("service_metrics", "bucket_latency_max_seconds = []", MINUTE, "impossible_histograms"),
        ("stream_batches", "duplicate = 1", "TRUE", "books"),
        ("stream_batches", "offsets_read = 1", "TRUE", "books"),
    ],
)
def test_a_planted_fault_is_reported_and_nothing_else(  # noqa: PLR0913, PLR0917 - fixtures and parameters
    cursor: MaintenanceCursor,
    state: MaintenanceState,
    context: JobContext,
    fill: Fill,
    table: str,
    change: str,
    where: str,
    check: str,
) -> None:
    fill(range(60))
    execute(cursor, f"UPDATE {table} SET {change} WHERE {where}")
    subject = "run" if table == "stream_batches" else "search"
    assert run(cursor, state, context) == [(check, f"{table} {subject}", 1)]


def test_counts_that_cannot_be_are_reported_with_what_follows_from_them(
    cursor: MaintenanceCursor, state: MaintenanceState, context: JobContext, fill: Fill
) -> None:
    fill(range(60))
    execute(cursor, f"UPDATE endpoint_metrics SET error_count = 11, error_rate = 1.1 WHERE {MINUTE}")
    assert run(cursor, state, context) == [
        ("impossible_counts", "endpoint_metrics search", 1),
        ("impossible_histograms", "endpoint_metrics search", 1),
        ("service_rollup", "service_metrics search", 1),
        ("hourly_rollup", "hourly_metrics search", 1),
    ]


def test_a_window_after_the_clock_is_impossible_even_in_the_last_year_there_is(
    cursor: MaintenanceCursor, state: MaintenanceState, context: JobContext, fill: Fill
) -> None:
    fill(range(60))
    end = "TIMESTAMP '9999-12-31 23:59:00'"
    for table in ("endpoint_metrics", "service_metrics"):
        execute(
            cursor, f"UPDATE {table} SET window_start = {end} - INTERVAL 1 MINUTE, window_end = {end} WHERE {MINUTE}"
        )
    found = run(cursor, state, context)
    assert [row for row in found if row[0] == "impossible_times"] == [
        ("impossible_times", "endpoint_metrics search", 1),
        ("impossible_times", "service_metrics search", 1),
    ]


@pytest.mark.parametrize(
    ("table", "subject"),
    [
        ("endpoint_metrics", "checkout"),
        ("service_metrics", "checkout"),
        ("hourly_metrics", "checkout"),
        ("series_totals", "checkout"),
        ("stream_batches", "run"),
    ],
)
def test_repeated_rows_are_counted(  # noqa: PLR0913, PLR0917 - fixtures and parameters
    cursor: MaintenanceCursor, state: MaintenanceState, context: JobContext, fill: Fill, table: str, subject: str
) -> None:
    fill(range(60), ("checkout",))
    execute(cursor, f"INSERT INTO {table} FROM {table} LIMIT 1")
    duplicates = [row for row in run(cursor, state, context) if row[0] == "duplicates"]
    assert duplicates == [("duplicates", f"{table} {subject}", 1)]


def test_faults_of_many_slices_add_up_to_one_finding(
    cursor: MaintenanceCursor, state: MaintenanceState, context: JobContext, fill: Fill
) -> None:
    fill(range(0, 1_000, 100))
    execute(cursor, "UPDATE service_metrics SET p50_latency_ms = 1e6 WHERE service = 'search'")
    found = [row for row in run(cursor, state, context) if row[0] == "impossible_latencies"]
    assert found == [("impossible_latencies", "service_metrics search", 10)]
    (row,) = cursor.rows("SELECT detail FROM quality_findings WHERE check_name = 'impossible_latencies'")
    assert row["detail"] == "P50, p95 and p99 are not in this order; the newest is of 2026-01-02T03:00:00Z."


def test_too_many_findings_are_cut_and_the_last_says_how_many_there_are(
    cursor: MaintenanceCursor, state: MaintenanceState, context: JobContext, fill: Fill
) -> None:
    services = tuple(f"service-{number}" for number in range(MAX_FINDINGS + 10))
    fill(range(2), services)
    execute(cursor, "UPDATE service_metrics SET p50_latency_ms = 1e6")
    found = run(cursor, state, context)
    assert len(found) == MAX_FINDINGS
    assert found[-1] == ("impossible_latencies", "others", 22)
    assert state.findings is not None
    assert state.findings[Check.IMPOSSIBLE_LATENCIES] == MAX_FINDINGS
