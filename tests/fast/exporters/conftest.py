"""A store in memory, its sink and a way to look inside."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from exporters.instruments import Instruments
from exporters.snapshot import Snapshot
from exporters.store.database import IN_MEMORY, Database
from exporters.store.pool import CursorPool, Row
from exporters.store.sink import Sink
from exporters.web.app import create_app
from exporters.web.status import Limits
from tests.fast.exporters.traffic import START

Rows = Callable[[str], list[Row]]


def unobserved(_query: str, _seconds: float) -> None:
    """Measure nothing."""


@pytest.fixture
def database() -> Iterator[Database]:
    database = Database.open(IN_MEMORY, threads=1, external_access=False)
    yield database
    database.close()


@pytest.fixture
def sink(database: Database) -> Iterator[Sink]:
    sink = Sink(database, unobserved)
    yield sink
    sink.close()


@pytest.fixture
def pool(database: Database) -> Iterator[CursorPool]:
    pool = CursorPool(database, size=2, timeout_seconds=10, observe=unobserved)
    yield pool
    pool.close()


@pytest.fixture
def rows(pool: CursorPool) -> Rows:
    return lambda statement: pool.rows("test", statement)


@dataclass
class Web:
    """An application over the store, with the snapshot and the time that a test gives it."""

    client: FlaskClient
    instruments: Instruments
    snapshot: Snapshot = field(default_factory=Snapshot)
    now: datetime = START

    def get(self, path: str) -> Any:  # noqa: ANN401 - decoded JSON
        """Return the decoded answer to a GET."""
        return self.client.get(path).get_json()


@pytest.fixture
def web(pool: CursorPool) -> Web:
    instruments = Instruments()
    app = create_app(
        pool, lambda: found.snapshot, instruments, lambda: found.now, limits=Limits(60, 120), max_body_bytes=1000
    )
    found = Web(app.test_client(), instruments)
    return found
