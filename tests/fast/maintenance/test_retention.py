"""Retention removes what is older than it has to be kept, to the minute, and changes nothing else."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from exporters.maintenance.job import JobContext, JobStoppedError
from exporters.maintenance.retention import RetentionJob, kept_by
from exporters.maintenance.settings import MaintenanceSettings
from exporters.store.book_quality import read_balance
from exporters.store.database import Database
from exporters.store.maintenance_cursor import MaintenanceCursor
from exporters.store.minutes_kept import minutes_kept_since
from exporters.store.retention import MINUTES, remove_older
from exporters.store.sink import Sink
from tests.fast.exporters.tables import contents
from tests.fast.exporters.traffic import LETTERS, START, batch_end, dead_letter, messages, update
from tests.fast.maintenance.conftest import Fill, at, execute

DAY = 1_440
NOW = START + timedelta(days=20)
Run = Callable[[], str]


@pytest.fixture
def retain(cursor: MaintenanceCursor, context: JobContext) -> Run:
    job = RetentionJob(cursor, kept_by(MaintenanceSettings(retention_days=3, hourly_retention_days=5)), at(NOW))
    return lambda: job.run(context)


def kept(cursor: MaintenanceCursor, table: str, column: str = "window_start") -> list[datetime]:
    return [row["moment"] for row in cursor.rows(f"SELECT DISTINCT {column} AS moment FROM {table} ORDER BY moment")]


def test_nothing_is_removed_from_an_empty_or_young_store(cursor: MaintenanceCursor, retain: Run, fill: Fill) -> None:
    assert retain() == "nothing is old enough"
    fill(range(60))
    assert retain() == "nothing is old enough"
    assert len(kept(cursor, "endpoint_metrics")) == 60


def test_minutes_are_removed_in_whole_hours_counted_back_from_the_newest_window(
    cursor: MaintenanceCursor, retain: Run, fill: Fill
) -> None:
    first = START.replace(tzinfo=None)
    fill(range(120))
    fill(range(3 * DAY + 89, 3 * DAY + 90), ("checkout",))
    assert retain() == "240 rows of endpoint_metrics and service_metrics"
    for table in ("endpoint_metrics", "service_metrics"):
        assert kept(cursor, table)[0] == first + timedelta(hours=1)
    with cursor.transaction() as reading:
        assert minutes_kept_since(reading) == START + timedelta(hours=1)


def test_a_minute_before_the_limit_reaches_the_next_hour_that_hour_stays(
    cursor: MaintenanceCursor, retain: Run, fill: Fill
) -> None:
    fill(range(60))
    fill(range(3 * DAY + 58, 3 * DAY + 59))
    assert retain() == "nothing is old enough"
    fill(range(3 * DAY + 59, 3 * DAY + 60))
    assert retain() == "240 rows of endpoint_metrics and service_metrics"


def test_what_remains_is_unchanged_to_the_last_bit(
    database: Database, cursor: MaintenanceCursor, retain: Run, fill: Fill, sink: Sink
) -> None:
    fill(range(120))
    mixed = [update([(-200, 7, 0, 0.09, 0.013), (-96, 2, 1, 0.2, 0.12)], minute=3 * DAY + n) for n in range(90)]
    sink.apply("A", messages([*mixed, batch_end(batch_id=9, received=810)], first_offset=900_000))
    before = counted(database)
    retain()
    after = counted(database)
    removed = {table: (rows - after[table]).total() for table, rows in before.items() if rows != after[table]}
    assert removed == {"endpoint_metrics": 120, "service_metrics": 120}
    assert not any(after[table] - rows for table, rows in before.items())


def counted(database: Database) -> dict[str, Counter[str]]:
    """Return every row of every table, as text that tells numbers apart to the last bit."""
    return {table: Counter(map(repr, rows)) for table, rows in contents(database).items()}


def test_the_books_balance_as_before(cursor: MaintenanceCursor, retain: Run, fill: Fill) -> None:
    fill(range(120))
    fill(range(3 * DAY + 89, 3 * DAY + 90))
    before = read_balance(cursor)
    assert retain() != "nothing is old enough"
    assert read_balance(cursor) == before
    assert (before.counted, before.unaccounted) == (before.stored, 0)


def test_a_copy_of_a_removed_minute_is_not_counted_again(
    database: Database, cursor: MaintenanceCursor, retain: Run, fill: Fill, sink: Sink
) -> None:
    fill(range(120))
    fill(range(3 * DAY + 89, 3 * DAY + 90))
    assert retain() != "nothing is old enough"
    before = counted(database)
    sink.apply("A", messages([update(minute=5)], first_offset=0))
    after = counted(database)
    assert {table for table, rows in before.items() if rows != after[table]} <= {"counters", "consumed_offsets"}


def test_hours_outlive_their_minutes(cursor: MaintenanceCursor, retain: Run, fill: Fill) -> None:
    fill(range(60))
    fill(range(DAY, DAY + 60))
    fill(range(6 * DAY, 6 * DAY + 1))
    retain()
    first = START.replace(tzinfo=None)
    assert kept(cursor, "endpoint_metrics") == [first + timedelta(days=6)]
    assert kept(cursor, "hourly_metrics") == [first + timedelta(days=1), first + timedelta(days=6)]


def test_a_window_after_the_clock_takes_nothing_with_it(cursor: MaintenanceCursor, retain: Run, fill: Fill) -> None:
    fill(range(20 * DAY - 60, 20 * DAY - 59))
    fill(range(10_000 * DAY, 10_000 * DAY + 1))
    retain()
    assert len(kept(cursor, "endpoint_metrics")) == 2


def test_the_last_batch_of_every_run_is_kept(cursor: MaintenanceCursor, retain: Run, sink: Sink) -> None:
    old = [batch_end(batch_id=number, run_id=run) for run in ("first", "second") for number in (1, 2)]
    sink.apply("A", messages([*old, batch_end(batch_id=3, run_id="second", emitted_at=START + timedelta(days=4))]))
    assert retain() == "3 rows of stream_batches"
    rows = cursor.rows("SELECT run_id, batch_id FROM stream_batches ORDER BY ALL")
    assert [tuple(row.values()) for row in rows] == [("first", 2), ("second", 3)]


def test_dead_letters_are_kept_for_their_own_time(cursor: MaintenanceCursor, retain: Run, sink: Sink) -> None:
    letters = [dead_letter(0), dead_letter(60), dead_letter(7 * DAY + 60)]
    sink.apply("A", messages(letters, source=LETTERS))
    assert retain() == "1 rows of dead_letters"
    assert len(kept(cursor, "dead_letters", "received_at")) == 2


def test_a_stopped_run_has_removed_whole_slices(cursor: MaintenanceCursor, fill: Fill) -> None:
    fill(range(300))
    fill(range(4 * DAY, 4 * DAY + 1))
    stop = threading.Event()
    stop.set()
    job = RetentionJob(cursor, [(MINUTES, timedelta(days=3))], at(NOW))
    with pytest.raises(JobStoppedError):
        job.run(JobContext(NOW, stop))
    assert kept(cursor, "endpoint_metrics")[0] == (START + timedelta(hours=1)).replace(tzinfo=None)


def test_no_slice_is_longer_than_an_hour_of_windows(cursor: MaintenanceCursor, fill: Fill) -> None:
    fill(range(300))
    fill(range(5 * DAY, 5 * DAY + 1))
    slices = list(remove_older(cursor, MINUTES, timedelta(days=3), NOW))
    assert [each.removed for each in slices] == [2 * 2 * 60] * 5


def test_a_store_of_the_first_year_there_is_loses_nothing(cursor: MaintenanceCursor, retain: Run, fill: Fill) -> None:
    fill(range(3))
    execute(cursor, "UPDATE service_metrics SET window_end = TIMESTAMP '0001-01-01 00:01:00'")
    assert retain() == "nothing is old enough"


def test_incidents_go_as_a_whole_with_their_summaries_and_injections(cursor: MaintenanceCursor, fill: Fill) -> None:
    fill(range(1))
    moment = "TIMESTAMP '2026-01-01 12:00:00' - INTERVAL {} DAY"
    for incident, days in (("old", 100), ("old", 91), ("kept", 95), ("kept", 80)):
        values = {"incident_id": f"'{incident}'", "window_end": moment.format(days), "emitted_at": moment.format(95)}
        insert(cursor, "anomalies", values)
        insert(cursor, "incident_summaries", values)
        insert(cursor, "injections", {"ended_at": moment.format(days)})
    removed = RetentionJob(cursor, kept_by(MaintenanceSettings()), at(NOW)).run(JobContext(NOW, threading.Event()))
    assert removed == "2 rows of anomalies, 2 rows of incident_summaries, 3 rows of injections"
    assert {row["incident_id"] for row in cursor.rows("FROM incident_summaries")} == {"kept"}


_SAMPLES = {"TIMESTAMP": "TIMESTAMP '2025-01-01'", "VARCHAR": "''", "BOOLEAN": "TRUE", "VARCHAR[]": "[]"}


def insert(cursor: MaintenanceCursor, table: str, values: dict[str, str]) -> None:
    """Insert a row; the columns that are not given hold something of their type."""
    columns = cursor.rows(f"SELECT column_name, column_type FROM (DESCRIBE {table})")
    row = [values.get(each["column_name"], _SAMPLES.get(each["column_type"], "0")) for each in columns]
    execute(cursor, f"INSERT INTO {table} VALUES ({', '.join(row)})")
