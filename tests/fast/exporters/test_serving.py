"""The whole process: from topics to HTTP, stopped in order, honest exit status."""

import json
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.topics import AGGREGATED_METRICS, ANOMALIES, DEAD_LETTERS
from exporters.__main__ import serve
from exporters.settings import ExportersSettings
from exporters.store.database import Database
from exporters.store.decode import TOPICS
from runtime.memory import MemoryCluster, MemorySource
from tests.fast.exporters.incidents import FOUND, anomaly
from tests.fast.exporters.traffic import batch_end, publish, update


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def settings(tmp_path: Path) -> ExportersSettings:
    return ExportersSettings(exporters_port=free_port(), duckdb_path=tmp_path / "data.db", sink_poll_seconds=0.01)


@pytest.fixture
def running(settings: ExportersSettings) -> Iterator[tuple[ExportersSettings, MemoryCluster]]:
    cluster = MemoryCluster((AGGREGATED_METRICS, DEAD_LETTERS))
    stop = threading.Event()
    thread = threading.Thread(target=serve, args=(settings, MemorySource(cluster, TOPICS), stop))
    thread.start()
    yield settings, cluster
    stop.set()
    thread.join()


def get(settings: ExportersSettings, path: str) -> Any:  # noqa: ANN401 - decoded JSON
    with urllib.request.urlopen(f"http://127.0.0.1:{settings.exporters_port}{path}", timeout=5) as answer:
        return json.load(answer)


def wait_for_batches(settings: ExportersSettings, expected: int) -> None:
    wait_for(lambda: bool(get(settings, "/api/v1/books")[0]["batches"] == expected))


def wait_for(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(500):
        try:
            if condition():
                return
        except OSError:
            pass
        pause.wait(0.02)
    raise AssertionError("it did not happen within ten seconds")


def test_what_is_published_is_answered(running: tuple[ExportersSettings, MemoryCluster]) -> None:
    settings, cluster = running
    publish(cluster, [update()], batch_end())
    wait_for_batches(settings, 1)
    assert [row["service"] for row in get(settings, "/api/v1/metrics")] == ["checkout"]


def test_stopping_writes_everything_and_lets_go_of_the_file(settings: ExportersSettings) -> None:
    cluster = MemoryCluster((AGGREGATED_METRICS, DEAD_LETTERS))
    publish(cluster, [update()], batch_end())
    stop = threading.Event()
    thread = threading.Thread(target=serve, args=(settings, MemorySource(cluster, TOPICS), stop))
    thread.start()
    wait_for_batches(settings, 1)
    stop.set()
    thread.join()
    assert not settings.duckdb_path.with_suffix(".db.wal").exists()
    database = Database.open(settings.duckdb_path)
    with database.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM stream_batches").fetchone() == (1,)
    database.close()


def test_counters_go_on_where_the_process_before_left_off(settings: ExportersSettings) -> None:
    counts = []
    for _ in range(2):
        stop = threading.Event()
        cluster = MemoryCluster((AGGREGATED_METRICS, DEAD_LETTERS, ANOMALIES))
        cluster.append(FOUND, None, anomaly().encode())
        thread = threading.Thread(target=serve, args=(settings, MemorySource(cluster, TOPICS), stop))
        thread.start()
        wait_for(lambda: bool(get(settings, "/api/v1/anomalies")))
        counts.append(counters(settings))
        stop.set()
        thread.join()
    assert counts[1]['anomalies_detected_total{service="payments",severity="critical",type="error_surge"}'] == 1
    answers = 'http_requests_total{path="/api/v1/anomalies",status="200"}'
    assert counts[1][answers] > counts[0][answers] >= 1
    assert settings.duckdb_path.with_name("data.counters.json").exists()


def counters(settings: ExportersSettings) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{settings.exporters_port}/metrics", timeout=5) as answer:
        lines = [line for line in answer.read().decode().splitlines() if "_total{" in line]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "exporters", *arguments]
    return subprocess.run(call, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_the_settings_can_be_checked() -> None:
    assert command("--check-config").returncode == 0
    assert command("--check-config", EXPORTERS_PORT="many").returncode == 2


def test_a_taken_port_ends_the_process_with_advice(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        ended = command(EXPORTERS_PORT=port, DUCKDB_PATH=str(tmp_path / "data.db"), KAFKA_BROKER="127.0.0.1:1")
    assert ended.returncode == 1
    assert "choose another EXPORTERS_PORT" in ended.stderr


def test_a_file_that_is_no_database_ends_the_process_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database" * 1000)
    ended = command(DUCKDB_PATH=str(path), KAFKA_BROKER="127.0.0.1:1")
    assert ended.returncode == 1
    assert "set DUCKDB_PATH to another file" in ended.stderr
