"""``python -m detector`` as a process: it answers from the start, stops in time, and says why it cannot run."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from runtime.single_instance import claim

NOBODY = "127.0.0.1:1"
"""An address on which no broker answers."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def command(state_dir: Path, port: int, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        "KAFKA_BROKER": NOBODY,
        "DETECTOR_STATE_DIR": str(state_dir),
        "DETECTOR_PORT": str(port),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "detector", *arguments], env=environment, stderr=subprocess.PIPE, text=True
    )


@contextmanager
def running(state_dir: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    process = command(state_dir, port)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def answer(port: int, path: str) -> tuple[int, str]:
    """Return status and body, as soon as the process answers."""
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as found:
                return found.status, found.read().decode()
        except urllib.error.HTTPError as error:
            with closing(error):
                return error.code, error.read().decode()
        except OSError:
            assert time.monotonic() < deadline, "it does not answer"
            time.sleep(0.05)


def test_without_a_broker_it_answers_says_why_it_is_not_healthy_and_stops_within_five_seconds(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, port) as process:
        status, body = answer(port, "/health")
        assert status == 503
        assert json.loads(body)["reason"]
        assert answer(port, "/metrics")[0] == 200
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=5)
    assert process.returncode == 0
    assert "Traceback" not in log


@pytest.mark.parametrize("taken", ["folder", "port"])
def test_what_another_process_has_is_a_clear_message_and_exit_1(tmp_path: Path, taken: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1]) if taken == "port" else free_port()
        lock = claim(tmp_path, "detector") if taken == "folder" else None
        process = command(tmp_path, port)
        _, log = process.communicate(timeout=30)
        if lock is not None:
            os.close(lock)
    assert process.returncode == 1
    assert ("DETECTOR_PORT" if taken == "port" else "another detector uses") in log
    assert "Traceback" not in log


def test_a_configuration_can_be_checked_without_starting(tmp_path: Path) -> None:
    process = command(tmp_path / "new", free_port(), "--check-config")
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert not (tmp_path / "new").exists()
