"""The exporters over a store in which there is something for every panel."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient

from contracts.times import to_epoch_ms
from exporters.instruments import Instruments
from exporters.maintenance.board import JobBoard
from exporters.maintenance.schedule import Schedule
from exporters.snapshot import Snapshot
from exporters.store.database import IN_MEMORY, Database
from exporters.store.health_reports import Status, Verdict, write_health_report
from exporters.store.maintenance_cursor import MaintenanceCursor
from exporters.store.pool import CursorPool
from exporters.store.sink import Sink
from exporters.web.app import create_app
from exporters.web.jobs import jobs_blueprint
from exporters.web.status import Limits
from tests.fast.exporters.incidents import anomaly, apply, injection, summary, template
from tests.fast.exporters.traffic import LETTERS, MINUTE, START, batch_end, dead_letter, messages, update

NOW = START + 30 * MINUTE
FROM_MS, TO_MS = to_epoch_ms(START - 10 * MINUTE), to_epoch_ms(NOW)


def unobserved(_query: str, _seconds: float) -> None:
    """Measure nothing."""


@dataclass(frozen=True)
class Exporters:
    """The application as Grafana sees it."""

    client: FlaskClient

    def get(self, path: str, parameters: list[tuple[str, str]]) -> Any:  # noqa: ANN401 - decoded JSON
        """Return the decoded answer."""
        answer = self.client.get(path, query_string=parameters)
        assert answer.status_code == 200, (path, parameters, answer.get_json())
        return answer.get_json()


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    database = Database.open(IN_MEMORY, threads=1, external_access=False)
    sink = Sink(database, unobserved)
    services = ("checkout", "payments")
    windows = [update(minute=minute, service=service) for minute in range(20) for service in services]
    sink.apply("A", messages([*windows, batch_end(0, invalid={"invalid_json": 1})]))
    sink.apply("A", messages([dead_letter()], LETTERS))
    resolved = anomaly("b", 3, 6, incident_id="j", service="checkout", severity="warning", endpoint="/api/cart")
    apply(sink, anomaly(), resolved, template(), summary(revision=2), template("j"), injection())
    sink.close()
    yield database
    database.close()


@pytest.fixture(scope="module")
def exporters(database: Database) -> Iterator[Exporters]:
    pool = CursorPool(database, size=2, timeout_seconds=10, observe=unobserved)
    cursor = MaintenanceCursor(database, threading.Lock())
    write_health_report(cursor, NOW, [Verdict("disk_free", Status.CRITICAL, "4 %", "Make room.")])
    schedule = Schedule([], JobBoard({}, NOW), cursor, now=lambda: NOW, stop=threading.Event())
    app = create_app(
        pool, Snapshot, Instruments(), lambda: NOW, limits=Limits(60, 120), max_body_bytes=10_000,
        blueprints=[jobs_blueprint(schedule, pool, lambda: NOW)],
    )  # fmt: skip
    yield Exporters(app.test_client())
    cursor.close()
    pool.close()
