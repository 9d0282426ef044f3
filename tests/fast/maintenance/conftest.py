"""A store with a sink, the cursor of maintenance beside it, and a clock that stands still."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from exporters.maintenance.job import JobContext
from exporters.maintenance.state import MaintenanceState
from exporters.store.database import IN_MEMORY, Database
from exporters.store.maintenance_cursor import MaintenanceCursor
from exporters.store.pool import CursorPool
from exporters.store.sink import Sink
from tests.fast.exporters.traffic import START, batch_end, messages, update

NOW = START + timedelta(hours=1)
Fill = Callable[..., None]


def unobserved(_query: str, _seconds: float) -> None:
    """Measure nothing."""


def at(now: datetime = NOW) -> Callable[[], datetime]:
    """Return a clock that stands still."""
    return lambda: now


@pytest.fixture
def database() -> Iterator[Database]:
    database = Database.open(IN_MEMORY, threads=1)
    yield database
    database.close()


@pytest.fixture
def gate() -> threading.Lock:
    return threading.Lock()


@pytest.fixture
def cursor(database: Database, gate: threading.Lock) -> Iterator[MaintenanceCursor]:
    cursor = MaintenanceCursor(database, gate)
    yield cursor
    cursor.close()


@pytest.fixture
def pool(database: Database) -> Iterator[CursorPool]:
    pool = CursorPool(database, size=2, timeout_seconds=10, observe=unobserved)
    yield pool
    pool.close()


@pytest.fixture
def sink(database: Database) -> Iterator[Sink]:
    sink = Sink(database, unobserved)
    yield sink
    sink.close()


@pytest.fixture
def fill(sink: Sink) -> Fill:
    """Return what applies 10 requests a minute of each service, with books that balance."""

    def fill(minutes: range, services: tuple[str, ...] = ("checkout", "search")) -> None:
        updates = [update(minute=minute, service=service) for minute in minutes for service in services]
        end = batch_end(batch_id=minutes.start, received=10 * len(updates))
        sink.apply("A", messages([*updates, end], first_offset=minutes.start * 1_000))

    return fill


@pytest.fixture
def state() -> MaintenanceState:
    return MaintenanceState()


@pytest.fixture
def context() -> JobContext:
    return JobContext(NOW, threading.Event())


def execute(cursor: MaintenanceCursor, statement: str) -> None:
    """Change the tables behind everybody's back."""
    with cursor.transaction() as writing:
        writing.execute(statement)
