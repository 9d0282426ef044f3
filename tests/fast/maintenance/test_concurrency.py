"""Sink, jobs and readers on one file: nobody is refused, nobody waits long, and nothing is lost or counted twice."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from exporters.maintenance.job import JobContext
from exporters.maintenance.quality import QualityJob
from exporters.maintenance.retention import RetentionJob
from exporters.maintenance.state import MaintenanceState
from exporters.maintenance.upkeep import AnalyzeJob, CheckpointJob
from exporters.snapshot import Snapshot
from exporters.store.database import Database
from exporters.store.maintenance_cursor import MaintenanceCursor
from exporters.store.pool import CursorPool
from exporters.store.retention import MINUTES
from exporters.store.sink import Sink
from tests.fast.exporters.traffic import START, batch_end, messages, update
from tests.fast.maintenance.conftest import at, execute, unobserved

NOW = START + timedelta(days=30)
HOURS, BATCHES = 30, 20
SERVICES = tuple(f"service-{number}" for number in range(5))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "data.db")
    yield database
    database.close()


def apply(sink: Sink, batch: int, minute: int) -> None:
    updates = [update(minute=minute, service=service, batch_id=batch) for service in SERVICES]
    end = batch_end(batch_id=batch, received=10 * len(updates))
    sink.apply("A", messages([*updates, end], first_offset=batch * (len(updates) + 1)))


def repeating(work: Callable[[], object], ended: threading.Event, raised: list[Exception]) -> threading.Thread:
    def repeat() -> None:
        while not ended.is_set():
            try:
                work()
            except duckdb.Error as error:
                raised.append(error)
                return

    thread = threading.Thread(target=repeat)
    thread.start()
    return thread


def test_the_sink_writes_while_every_job_runs(database: Database) -> None:
    gate, ended, raised = threading.Lock(), threading.Event(), list[Exception]()
    sink, cursor = Sink(database, unobserved, gate), MaintenanceCursor(database, gate)
    pool = CursorPool(database, 1, 10, unobserved)
    for hour in range(HOURS):
        apply(sink, hour, hour * 60)
    jobs = (
        RetentionJob(cursor, [(MINUTES, timedelta(days=1))], at(NOW)),
        CheckpointJob(cursor),
        AnalyzeJob(cursor),
        QualityJob(cursor, MaintenanceState(), Snapshot, at(NOW), seconds_between_looks=0),
    )
    context = JobContext(NOW, threading.Event())
    threads = [
        repeating(lambda: [job.run(context) for job in jobs], ended, raised),
        repeating(
            lambda: pool.rows("read", "SELECT sum(list_sum(bucket_requests)) FROM endpoint_metrics"), ended, raised
        ),
    ]
    for batch in range(HOURS, HOURS + BATCHES):
        apply(sink, batch, HOURS * 60 + batch)
    ended.set()
    for thread in threads:
        thread.join()
    assert raised == []
    (totals,) = pool.rows("test", "SELECT sum(request_count) AS stored, count(*) AS series FROM series_totals")
    assert totals == {"stored": (HOURS + BATCHES) * 10 * len(SERVICES), "series": len(SERVICES)}
    assert cursor.rows("FROM quality_findings WHERE check_name NOT IN ('gaps', 'outliers')") == []
    (windows,) = pool.rows("test", "SELECT count(*) AS kept FROM endpoint_metrics")
    assert windows["kept"] < (HOURS + BATCHES) * len(SERVICES)
    for part in (sink, cursor, pool):
        part.close()


def test_without_a_gate_in_common_a_job_could_make_the_sink_fail(database: Database) -> None:
    sink = Sink(database, unobserved, threading.Lock())
    cursor = MaintenanceCursor(database, threading.Lock())
    apply(sink, 0, 0)
    with cursor.transaction() as writing:
        writing.execute("DELETE FROM endpoint_metrics")
        with pytest.raises(duckdb.TransactionException):
            apply(sink, 1, 0)
    for part in (sink, cursor):
        part.close()


def test_a_checkpoint_brings_the_log_into_the_file_while_somebody_reads(database: Database, tmp_path: Path) -> None:
    cursor = MaintenanceCursor(database, threading.Lock())
    execute(cursor, "INSERT INTO counters VALUES ('a', '{}', 1)")
    log = tmp_path / "data.db.wal"
    assert log.stat().st_size > 0
    with database.cursor() as reader:
        reader.begin()
        reader.execute("FROM counters").fetchall()
        CheckpointJob(cursor).run(JobContext(NOW, threading.Event()))
        assert reader.execute("FROM counters").fetchall() == [("a", "{}", 1.0)]
    assert not log.exists() or log.stat().st_size == 0
    cursor.close()
