"""The very process ``python -m generator`` on a broker of the test's own, and what it left on the topics."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from contracts.event import Event, parse_event
from contracts.injections import Injection
from contracts.topics import INJECTIONS
from generator.live.raw_events_source import RawEventsSource
from local.broker import Broker
from local.paths import REPOSITORY
from local.ports import free_ports
from runtime.history import read_to_end
from runtime.kafka import KafkaSource
from runtime.topic_log import BrokerUnavailableError

STOP_SECONDS = 5.0


class LiveGenerator:
    """A process that runs."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self._url = f"http://127.0.0.1:{port}"
        self._session = requests.Session()
        self._session.trust_env = False

    def is_healthy(self) -> bool:
        """Whether it sends live traffic that arrives."""
        try:
            return self._session.get(f"{self._url}/health", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def inject(self, **body: object) -> Injection:
        """Ask for a fault."""
        answer = self._session.post(f"{self._url}/inject", json=body, timeout=5)
        assert answer.status_code == 201, answer.text
        return Injection.decode(answer.content)

    def running(self) -> list[dict[str, Any]]:
        """The faults that run."""
        found: list[dict[str, Any]] = self._session.get(f"{self._url}/injections", timeout=5).json()
        return found

    def count(self, sample: str) -> float:
        """One line of /metrics."""
        lines = self._session.get(f"{self._url}/metrics", timeout=5).text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{sample} "))


@contextmanager
def live_generator(broker: Broker, folder: Path, *arguments: str, **settings: str) -> Iterator[LiveGenerator]:
    """Run the generator until it is healthy and the block is done; then SIGTERM has to end it well and soon."""
    (port,) = free_ports(1)
    own = {"KAFKA_BROKER": broker.address, "GENERATOR_STATE_DIR": str(folder), "GENERATOR_PORT": str(port)}
    command = [sys.executable, "-m", "generator", *arguments]
    with (folder.parent / "generator.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, **own, **settings}, stderr=log)
    try:
        generator = LiveGenerator(process, port)
        eventually(generator.is_healthy, 30)
        yield generator
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0
    finally:
        process.kill()
        process.wait()


def eventually(holds: Callable[[], bool], seconds: float) -> None:
    """Wait until something holds; a broker that has just started may not answer at first."""
    deadline = time.monotonic() + seconds
    while not _holds(holds):
        assert time.monotonic() < deadline, holds
        time.sleep(0.05)


def _holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except BrokerUnavailableError:
        return False


def events(broker: Broker) -> list[Event]:
    """Every event on the topic, duplicates too."""
    source = RawEventsSource(broker.address)
    found = [parse_event(message.value, message.timestamp) for message in read_to_end(source)]
    source.close()
    return found


def injections(broker: Broker) -> list[Injection]:
    """Every record on the topic."""
    source = KafkaSource(broker.address, [INJECTIONS.name], "test")
    found = [Injection.decode(message.value) for message in read_to_end(source)]
    source.close()
    return found
