"""How long the exporters take to answer what the dashboards ask, with a week of 250 series stored.

``python -m benchmarks.query_times [RUNS [FILE]]`` fills a store, in FILE when that does not exist yet, and serves it on
waitress in this process with the settings as shipped. It asks every query of ``grafana/dashboards`` and every one of
simPod for ranges from 15 minutes to 30 days, one after the other. In milliseconds it prints median, 95th percentile
and the median of the processor's time, client included, which a busy machine changes less; worst first, and ``!``
beside what took over 250 ms.
"""

import json
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import Any, NamedTuple
from urllib.parse import urlencode

from benchmarks.week_of_metrics import NEWEST, Found, fill
from contracts.times import to_epoch_ms, to_rfc3339
from exporters.instruments import Instruments
from exporters.maintenance.board import JobBoard
from exporters.maintenance.schedule import Schedule
from exporters.settings import ExportersSettings
from exporters.snapshot import Snapshot
from exporters.store.database import Database
from exporters.store.maintenance_cursor import MaintenanceCursor
from exporters.store.pool import CursorPool
from exporters.web.app import create_app
from exporters.web.jobs import jobs_blueprint
from exporters.web.status import Limits
from local.ports import free_ports
from runtime.http_server import HttpServer

RANGES = {
    "15 min": timedelta(minutes=15),
    "3 h": timedelta(hours=3),
    "24 h": timedelta(hours=24),
    "7 d": timedelta(days=7),
    "30 d": timedelta(days=30),
}
LIMIT_MS = 250
DASHBOARDS = Path(__file__).parents[1] / "grafana" / "dashboards"
ALL, ONE = ".*", "service-07"
_PANEL_PIXELS = 1_000
_SIMPOD = ("request_rate", "error_ratio", "p95_seconds", "incidents", "anomalies", "annotations")


class Timing(NamedTuple):
    """What one question took, in milliseconds: median, 95th percentile, the processor; and the bytes of its answer."""

    question: str
    median_ms: float
    slow_ms: float
    busy_ms: float
    size: int


@dataclass(frozen=True)
class Question:
    """One request, without its range."""

    path: str
    parameters: tuple[tuple[str, str], ...] = ()
    target: str = ""

    def text(self) -> str:
        """Return path, target and the parameters that are not about time."""
        shown = [f"{name}={value}" for name, value in self.parameters if name not in ("from", "to", "step_ms")]
        return " ".join((self.path, *([self.target] if self.target else []), *shown))


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    runs = int(arguments[0]) if arguments else 20
    with tempfile.TemporaryDirectory() as folder:
        path = Path(arguments[1]) if len(arguments) > 1 else Path(folder) / "week.db"
        settings, is_new = ExportersSettings(), not path.exists()
        database = Database.open(path, settings.db_memory_limit, settings.db_threads, external_access=False)
        with closing(database):
            if is_new:
                fill(database, Found())
            with _answering(database, settings) as port:
                _print(_times(port, runs))
    return 0


@contextmanager
def _answering(database: Database, settings: ExportersSettings) -> Iterator[int]:
    timeout = settings.db_query_timeout_seconds
    with (
        closing(CursorPool(database, settings.db_pool_size, timeout, lambda _query, _seconds: None)) as pool,
        closing(MaintenanceCursor(database, threading.Lock())) as cursor,
    ):
        board = JobBoard({}, NEWEST)
        schedule = Schedule([], board, cursor, now=lambda: NEWEST, stop=threading.Event())
        app = create_app(
            pool,
            Snapshot,
            Instruments(),
            lambda: NEWEST,
            limits=Limits(settings.ready_max_lag_seconds, settings.ready_max_batch_age_seconds),
            max_body_bytes=settings.http_max_body_bytes,
            blueprints=[jobs_blueprint(schedule, pool, lambda: NEWEST)],
        )
        (port,) = free_ports(1)
        with closing(HttpServer(app, "127.0.0.1", port, settings.http_threads)) as server:
            server.start()
            yield port


def _times(port: int, runs: int) -> Iterator[Timing]:
    connection = HTTPConnection("127.0.0.1", port)
    for name, length in RANGES.items():
        for question in questions():
            size = _ask(connection, question, length)
            taken, busy = [], []
            for _ in range(runs):
                started, started_busy = perf_counter(), process_time()
                _ask(connection, question, length)
                taken.append(1000 * (perf_counter() - started))
                busy.append(1000 * (process_time() - started_busy))
            yield Timing(f"{name:>7}  {question.text()}", median(taken), quantiles(taken, n=20)[-1], median(busy), size)


def _print(times: Iterable[Timing]) -> None:
    for each in sorted(times, key=lambda each: -each.slow_ms):
        mark = "!" if each.slow_ms > LIMIT_MS else " "
        shown = " ".join(f"{each_ms:6.0f}" for each_ms in (each.median_ms, each.slow_ms, each.busy_ms))
        sys.stdout.write(f"{mark} {shown} ms {each.size / 1000:8.1f} kB {each.question}\n")


def questions() -> Iterator[Question]:
    """Yield every request of the dashboards and the simPod queries, for all services and, where it matters, for one."""
    found = dict.fromkeys(question for path in sorted(DASHBOARDS.glob("*.json")) for question in _infinity(path))
    yield from found
    for services in (ALL, ONE):
        for target in _SIMPOD:
            yield Question("/grafana/query", (("service", services),), target)
    for path in ("services", "books", "quality-findings"):
        yield Question(f"/api/v1/{path}")


def _infinity(path: Path) -> Iterator[Question]:
    for query in _queries(json.loads(path.read_text(encoding="utf-8"))):
        for services in (ALL, ONE):
            parameters = tuple(
                (each["key"], each["value"].replace("${service:csv}", services))
                for each in query["url_options"]["params"]
            )
            yield Question(query["url"], parameters)


def _queries(node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - decoded JSON
    if isinstance(node, dict):
        if "url_options" in node:
            yield node
        for value in node.values():
            yield from _queries(value)
    elif isinstance(node, list):
        for value in node:
            yield from _queries(value)


def _ask(connection: HTTPConnection, question: Question, length: timedelta) -> int:
    begin = NEWEST - length
    step_ms = length // timedelta(milliseconds=1) // _PANEL_PIXELS
    if question.path.startswith("/grafana"):
        body = {
            "range": {"from": to_rfc3339(begin), "to": to_rfc3339(NEWEST)},
            "intervalMs": step_ms,
            "maxDataPoints": _PANEL_PIXELS,
            "targets": [{"target": question.target, "refId": "A", "payload": dict(question.parameters)}],
        }
        connection.request("POST", question.path, json.dumps(body))
    else:
        values = {
            "${__timeFrom}": str(to_epoch_ms(begin)),
            "${__timeTo}": str(to_epoch_ms(NEWEST)),
            "${__interval_ms}": str(step_ms),
            "${incident}": "incident-7",
            "${severity:csv}": ALL,
            "${endpoint:csv}": ALL,
        }
        parameters = [(name, values.get(value, value)) for name, value in question.parameters]
        connection.request("GET", f"{question.path}?{urlencode(parameters)}")
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{question.text()}: {answer.status} {content[:300]!r}")
    return len(content)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
