"""Data quality compares tables with one another, and with the books."""

import threading

import pytest

from exporters.maintenance.job import JobContext, JobStoppedError
from exporters.maintenance.quality import QualityJob
from exporters.maintenance.state import MaintenanceState
from exporters.snapshot import Snapshot
from exporters.store.maintenance_cursor import MaintenanceCursor
from exporters.store.sink import Sink
from tests.fast.exporters.traffic import batch_end, messages, update
from tests.fast.maintenance.conftest import NOW, Fill, at, execute
from tests.fast.maintenance.test_quality_rows import run

MINUTE = "service = 'search' AND window_start = TIMESTAMP '2026-01-01 12:07:00'"


def test_a_service_that_differs_from_its_endpoints_is_reported(
    cursor: MaintenanceCursor, state: MaintenanceState, context: JobContext, fill: Fill
) -> None:
    fill(range(60))
    execute(cursor, f"DELETE FROM endpoint_metrics WHERE {MINUTE}")
    assert run(cursor, state, context) == [
        ("service_rollup", "service_metrics search", 1),
        ("hourly_rollup", "hourly_metrics search", 1),
    ]


def test_an_hour_that_differs_from_its_minutes_is_reported(
    cursor: MaintenanceCursor, state: MaintenanceState, context: JobContext, fill: Fill
) -> None:
    fill(range(120))
    execute(
        cursor,
        "UPDATE hourly_metrics SET max_latency_ms = 130"
        " WHERE service = 'search' AND endpoint <> '' AND window_start = TIMESTAMP '2026-01-01 13:00:00'",
    )
    assert run(cursor, state, context) == [("hourly_rollup", "hourly_metrics search", 1)]


def test_hours_whose_minutes_were_removed_are_not_compared(
    cursor: MaintenanceCursor, state: MaintenanceState, context: JobContext, fill: Fill
) -> None:
    fill(range(120))
    for table in ("endpoint_metrics", "service_metrics"):
        execute(cursor, f"DELETE FROM {table} WHERE window_start < TIMESTAMP '2026-01-01 13:00:00'")
    assert len(run(cursor, state, context)) == 4
    execute(cursor, "DELETE FROM quality_findings")
    execute(cursor, "INSERT INTO minutes_kept VALUES (TIMESTAMP '2026-01-01 13:00:00')")
    assert run(cursor, state, context) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("counters SET value = value + 2 WHERE name = 'events_offsets_total'", [("books", "all batches", 2)]),
        ("counters SET value = value + 3 WHERE name = 'events_received_total'", [("books", "all batches", 3)] * 2),
        (
            "series_totals SET request_count = request_count - 1 WHERE service = 'search'",
            [("stored_requests", "series_totals", 1)],
        ),
    ],
)
def test_books_that_do_not_balance_are_reported(  # noqa: PLR0913, PLR0917 - fixtures and parameters
    cursor: MaintenanceCursor,
    state: MaintenanceState,
    context: JobContext,
    fill: Fill,
    change: str,
    found: list[tuple[str, str, int]],
) -> None:
    fill(range(60))
    execute(cursor, f"UPDATE {change}")
    assert run(cursor, state, context) == found


def test_a_batch_that_is_on_its_way_is_waited_for(
    cursor: MaintenanceCursor, state: MaintenanceState, context: JobContext, fill: Fill, sink: Sink
) -> None:
    fill(range(2), ("checkout",))
    sink.apply("A", messages([update(minute=2)], first_offset=5_000))
    looks = []

    def snapshot() -> Snapshot:
        looks.append(1)
        if len(looks) == 3:
            sink.apply("A", messages([batch_end(batch_id=2)], first_offset=5_001))
        return Snapshot()

    QualityJob(cursor, state, snapshot, at(), seconds_between_looks=0).run(context)
    assert cursor.rows("FROM quality_findings") == []


def test_while_the_sink_is_behind_the_stored_requests_are_not_judged(
    cursor: MaintenanceCursor, state: MaintenanceState, context: JobContext, fill: Fill, sink: Sink
) -> None:
    fill(range(2), ("checkout",))
    sink.apply("A", messages([update(minute=2)], first_offset=5_000))
    behind = Snapshot(lag={"aggregated_metrics": 7})
    QualityJob(cursor, state, lambda: behind, at(), seconds_between_looks=0).run(context)
    assert cursor.rows("FROM quality_findings") == []


def test_stopped_in_between_it_stores_nothing(cursor: MaintenanceCursor, state: MaintenanceState, fill: Fill) -> None:
    fill(range(60))
    execute(cursor, "UPDATE service_metrics SET p50_latency_ms = 1e6")
    stop = threading.Event()
    stop.set()
    with pytest.raises(JobStoppedError):
        QualityJob(cursor, state, Snapshot, at(), seconds_between_looks=0).run(JobContext(NOW, stop))
    assert cursor.rows("FROM quality_findings") == []
    assert state.findings is None
