"""How fast the Spark job is once it is warm: a recording several times over, each copy later and with ids of its own.

``python -m benchmarks.sustained_rate FILE [COPIES]`` starts a broker and the job in this process, publishes everything,
and prints a line for each batch and the median rate of the full batches after the first.
"""

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from contracts.topics import RAW_EVENTS
from generator.disturbances import Disturbances
from generator.kafka_raw_events import KafkaRawEvents
from generator.recording import Recording, open_recording
from generator.replay import Replay
from local.broker import Broker
from local.jars import BROKER, CONNECTOR
from local.java import find_java
from local.ports import free_ports
from local.topics import ensure_topics
from runtime.kafka import KafkaPublisher, KafkaSource
from streaming.accounting import Books
from streaming.driver_lock import DriverLock
from streaming.health import JobState
from streaming.job import Job
from streaming.session import start_session
from streaming.settings import StreamingSettings

GAP_MS = 60_000


@dataclass
class Rates(JobState):
    """Takes the time of each batch and stops the job when all events are in."""

    events: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    per_second: list[tuple[int, float]] = field(default_factory=list)
    last: float = field(default_factory=time.monotonic)

    def take_books(self, books: Books) -> None:
        """Note a batch."""
        super().take_books(books)
        now = time.monotonic()
        self.per_second.append((books.received, books.received / (now - self.last)))
        self.last = now
        sys.stdout.write(f"batch {books.batch_id}: {books.received:,} events, {self.per_second[-1][1]:,.0f}/s\n")
        if sum(received for received, _ in self.per_second) >= self.events:
            self.stop.set()


class CopiedEvents(KafkaRawEvents):
    """Gives the events of each copy ids of their own."""

    copy = 0

    def send(self, values: Sequence[bytes | None]) -> None:
        """See ``RawEvents``."""
        mark = b'"event_id":"%d-' % self.copy
        super().send([value and value.replace(b'"event_id":"', mark) for value in values])


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    recording, copies = open_recording(Path(arguments[0])), int(arguments[1]) if len(arguments) > 1 else 7
    java = find_java()
    os.environ["JAVA_HOME"] = str(java.home)
    with tempfile.TemporaryDirectory() as folder:
        port, controller_port = free_ports(2)
        broker = Broker(Path(folder) / "kafka", port, controller_port, java.executable, BROKER.directory)
        broker.start()
        try:
            broker.wait_until_ready(60)
            ensure_topics(broker.address)
            _publish(recording, copies, broker.address)
            _measure(recording, copies, broker.address, Path(folder))
        finally:
            broker.stop()
    return 0


def _publish(recording: Recording, copies: int, address: str) -> None:
    raw_events = CopiedEvents(address)
    for copy in range(copies):
        raw_events.copy = copy
        shift_ms = copy * (recording.span_ms + GAP_MS)
        replay = Replay(recording, Disturbances(), shift_ms, datetime.now(UTC))
        replay.send_at_full_speed(raw_events)


def _measure(recording: Recording, copies: int, address: str, folder: Path) -> None:
    settings = StreamingSettings(
        kafka_broker=address,
        trigger_seconds=0.2,
        watermark_delay_seconds=copies * (recording.span_ms + GAP_MS) // 1000 + 3600,
        spark_jars_dir=CONNECTOR.directory,
    )
    lock = DriverLock(folder / "driver")
    lock.acquire(1)
    spark = start_session(settings, lock)
    publisher, topic = KafkaPublisher(address, "benchmark"), KafkaSource(address, [RAW_EVENTS.name], "benchmark")
    rates = Rates(settings.trigger_seconds, events=copies * recording.row_count)
    checkpoint = str(folder / "checkpoints" / topic.cluster_id())
    Job(spark, settings, checkpoint, publisher, topic, rates, rates.stop).run()
    spark.stop()
    warm = [rate for received, rate in rates.per_second[1:] if received > 0.9 * settings.max_events_per_batch]
    sys.stdout.write(f"warm: median {statistics.median(warm):,.0f} events/s over {len(warm)} batches\n")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
