"""A week through sink, figures, REST and retention, in fast-forward: what the process takes stays as it was."""

import threading
from datetime import timedelta
from pathlib import Path

from contracts.records import Record
from contracts.times import WINDOW
from exporters.maintenance.job import JobContext
from exporters.maintenance.retention import RetentionJob, kept_by
from exporters.maintenance.settings import MaintenanceSettings
from exporters.store.database import Database
from exporters.store.figures import read_figures
from exporters.store.maintenance_cursor import MaintenanceCursor
from exporters.store.pool import CursorPool
from exporters.store.sink import Sink
from local.memory import resident_bytes
from tests.fast.exporters.traffic import START, batch_end, messages, update
from tests.fast.maintenance.conftest import at, unobserved

HOURS = 7 * 24
SETTLED_HOURS = 4 * 24
"""Retention of three days has begun to remove by then, and DuckDB has filled its caches."""

GROWTH_BYTES = 40e6
SERVICES = ("checkout", "payments", "search")
BUCKETS = [(index, 10, 0, 0.4, 0.05) for index in range(-150, -120)]


def hour(number: int) -> list[Record]:
    minutes = range(60 * number, 60 * number + 60)
    updates = [update(BUCKETS, minute=minute, service=service) for minute in minutes for service in SERVICES]
    return [*updates, batch_end(batch_id=number, received=300 * len(updates), emitted_at=START + minutes.stop * WINDOW)]


def test_a_week_leaves_memory_flat(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "week.db", memory_limit="128MB")
    gate, stop = threading.Lock(), threading.Event()
    sink, cursor = Sink(database, unobserved, gate), MaintenanceCursor(database, gate)
    pool = CursorPool(database, size=1, timeout_seconds=10, observe=unobserved)
    settings = MaintenanceSettings(retention_days=3)
    taken: dict[int, int] = {}
    for number in range(HOURS):
        now = START + timedelta(hours=number + 1)
        sink.apply("A", messages(hour(number), first_offset=1_000 * number))
        read_figures(pool, now)
        if number % 24 == 23:
            RetentionJob(cursor, kept_by(settings), at(now)).run(JobContext(now, stop))
        taken[number] = resident_bytes() or 0
    assert len(cursor.rows("SELECT DISTINCT window_start FROM service_metrics")) <= 3 * 24 * 60 + 60
    assert max(list(taken.values())[SETTLED_HOURS:]) - taken[SETTLED_HOURS] < GROWTH_BYTES
    for part in (pool, cursor, sink, database):
        part.close()
