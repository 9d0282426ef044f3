"""``python -m narrator`` as a process: what it answers, how it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from contracts.metrics import BY_NAME
from runtime.single_instance import claim

START_SECONDS = 20.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def start(state_dir: Path, port: int, *arguments: str, **settings: str) -> subprocess.Popen[str]:
    own = {"KAFKA_BROKER": f"127.0.0.1:{free_port()}", "NARRATOR_STATE_DIR": str(state_dir), "NARRATOR_PORT": str(port)}
    command = [sys.executable, "-m", "narrator", *arguments]
    environment = {**os.environ, **own, **settings}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)


def answer(port: int, path: str) -> requests.Response:
    deadline = time.monotonic() + START_SECONDS
    with requests.Session() as session:
        session.trust_env = False
        while True:
            try:
                return session.get(f"http://127.0.0.1:{port}{path}", timeout=5)
            except requests.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture(params=["ollama", "none"])
def service(request: pytest.FixtureRequest, tmp_path: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    process = start(tmp_path, port, LLM_BACKEND=request.param)
    yield process
    process.kill()
    process.communicate()


def test_it_answers_while_it_waits_for_kafka_and_ends_soon(service: subprocess.Popen[str], port: int) -> None:
    health = answer(port, "/health")
    assert health.status_code == 503
    text = answer(port, "/metrics").text
    families = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert set(families) <= set(BY_NAME)
    assert "llm_timeout_seconds 120.0" in text
    assert 'llm_failures_total{reason="missing_model"} 0.0' in text
    assert "kafka_consumer_lag{" not in text
    assert "narrator_incidents_waiting " not in text.replace("HELP narrator", "").replace("TYPE narrator", "")
    with socket.create_connection(("127.0.0.1", port)):  # as a scraper keeps it open
        asked_to_stop = time.monotonic()
        service.send_signal(signal.SIGTERM)
        _, log = service.communicate(timeout=10)
    assert service.returncode == 0, log
    assert time.monotonic() - asked_to_stop < 5
    assert "Traceback" not in log


def test_a_taken_port_is_named(tmp_path: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        process = start(tmp_path, port)
        _, log = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 1
    assert "NARRATOR_PORT" in log
    assert "Traceback" not in log


def test_a_second_narrator_of_a_state_folder_is_refused(tmp_path: Path, port: int) -> None:
    lock = claim(tmp_path, "narrator")
    process = start(tmp_path, port)
    _, log = process.communicate(timeout=START_SECONDS)
    os.close(lock)
    assert process.returncode == 1
    assert "another narrator uses" in log


def test_settings_can_be_checked_alone(tmp_path: Path, port: int) -> None:
    process = start(tmp_path, port, "--check-config")
    process.communicate(timeout=START_SECONDS)
    assert process.returncode == 0
    process = start(tmp_path, port, LLM_BACKEND="other")
    _, log = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 2
    assert "LLM_BACKEND" in log
