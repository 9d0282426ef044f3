"""The same events give the same anomalies, however they are cut into batches and wherever the detector is killed."""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from contracts import metrics
from contracts.anomalies import Anomaly
from contracts.topics import ANOMALIES
from detector.settings import DetectorSettings
from evaluation.counting import Counting
from evaluation.live_engine import anomalies
from generator.disturbances import Disturbances
from generator.pacing import Pace
from generator.recording import Recording, open_recording
from generator.replay import Replay
from generator.sample import write_sample
from local.broker import Broker
from local.metrics_client import total
from local.ports import LOOPBACK, free_ports
from local.process_group import ProcessGroup
from runtime.history import read_to_end
from runtime.kafka import KafkaSource
from tests.integration.pipeline.pipeline import Pipeline, pipeline, poll_until

WATERMARK_DELAY_SECONDS = 7_200
COUNTED_AT_ONCE_MS = 5_000
FOUND = {("payments", "error_surge"), ("search", "latency_spike")}

State = list[dict[str, Any]]


class Detecting:
    """A detector on a broker; killed and started again as the test likes."""

    def __init__(self, address: str, folder: Path) -> None:
        (self.port,) = free_ports(1)
        self._folder = folder
        self._variables = {
            "KAFKA_BROKER": address,
            "DETECTOR_PORT": str(self.port),
            "DETECTOR_STATE_DIR": str(folder / "detector"),
        }
        self.start()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "detector"]
        self.process = ProcessGroup.start(command, self._folder / "detector.log", self._variables)

    def kill_and_start(self) -> None:
        self.process.kill()
        self.start()

    def has_read_everything(self) -> bool:
        return total(self.url, metrics.CONSUMER_LAG) == 0

    def revisions(self) -> float:
        return total(self.url, metrics.ANOMALY_REVISIONS) or 0


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    write_sample(tmp_path / "sample.csv.gz")
    return open_recording(tmp_path / "sample.csv.gz")


@contextmanager
def detecting(broker: Broker, folder: Path) -> Iterator[Detecting]:
    running = Detecting(broker.address, folder)
    try:
        yield running
    finally:
        running.process.stop(10)


def wait(seconds: float) -> bool:
    """Let time pass for a replay that nobody stops."""
    time.sleep(seconds)
    return False


def send(recording: Recording, running: Pipeline, speed: float | None) -> None:
    replay = Replay(recording, Disturbances(), shift_ms=0, now=datetime.now(UTC))
    replay.send(running.raw_events, Pace(speed, replay.origin_ms, wait), lambda _sent: None)
    running.sent = recording.row_count


def final_state(published: Iterable[Anomaly]) -> State:
    """Return the last revision of every anomaly, without when it was told: that depends on where batches end."""
    newest: dict[str, Anomaly] = {}
    for anomaly in published:
        if anomaly.anomaly_id not in newest or anomaly.revision >= newest[anomaly.anomaly_id].revision:
            newest[anomaly.anomaly_id] = anomaly
    told = {"emitted_at", "detected_at", "revision"}
    return [newest[anomaly_id].model_dump(exclude=told) for anomaly_id in sorted(newest)]


def published(address: str) -> State:
    source = KafkaSource(address, [ANOMALIES.name], "test")
    anomalies = [Anomaly.decode(message.value) for message in read_to_end(source)]
    source.close()
    return final_state(anomalies)


def judged_directly(recording: Recording) -> State:
    """Let the engine judge counts that were made here, without Kafka and Spark."""
    counting = Counting()
    slices = groupby(recording.rows(0), key=lambda row: row.event_time_ms // COUNTED_AT_ONCE_MS)
    return final_state(anomalies((counting.batch(list(rows)) for _, rows in slices), DetectorSettings()))


@dataclass(frozen=True)
class Manner:
    """How a file is replayed; without a speed as fast as it goes."""

    events_per_batch: int
    speed: float | None
    is_killed: bool


MANNERS = {
    "at once": Manner(500_000, None, is_killed=False),
    "in small batches, killed": Manner(4_000, None, is_killed=True),
    "at 300 times the speed, killed": Manner(4_000, 300.0, is_killed=True),
}


@pytest.mark.parametrize("manner", MANNERS.values(), ids=MANNERS)
def test_a_replay_finds_what_the_engine_finds_in_the_file(
    spark: SparkSession, broker: Broker, recording: Recording, tmp_path: Path, manner: Manner
) -> None:
    expected = judged_directly(recording)
    assert {(each["service"], each["anomaly_type"]) for each in expected} == FOUND
    settings = {"watermark_delay_seconds": WATERMARK_DELAY_SECONDS, "max_events_per_batch": manner.events_per_batch}
    with pipeline(spark, broker.address, tmp_path, **settings) as running, detecting(broker, tmp_path) as detector:
        send(recording, running, manner.speed)
        if manner.is_killed:
            poll_until(lambda: detector.revisions() >= 2, 120)
            detector.kill_and_start()
        running.settle()
        poll_until(detector.has_read_everything, 60)
        assert published(broker.address) == expected
