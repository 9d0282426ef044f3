"""The real pipeline inside the test's process: the Spark job on the warm JVM, the sink, and a DuckDB file."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from pyspark.sql import SparkSession

from contracts.times import to_rfc3339
from contracts.topics import RAW_EVENTS
from exporters.store.database import Database
from exporters.store.decode import TOPICS
from exporters.store.pool import CursorPool
from exporters.store.queries import books_row
from exporters.store.sink import Sink
from generator.kafka_raw_events import KafkaRawEvents
from runtime.kafka import KafkaPublisher, KafkaSource
from runtime.topic_log import ClusterChangedError
from streaming.checkpoint import checkpoint_location
from streaming.health import JobState
from streaming.job import Job, JvmGoneError
from streaming.settings import StreamingSettings

DEADLINE_SECONDS = 150.0
MOST_MESSAGES = 5_000


@dataclass
class Pipeline:
    """A broker's address, what was built on it, and the ways to ask."""

    address: str
    raw_events: KafkaRawEvents
    source: KafkaSource
    sink: Sink
    pool: CursorPool
    cursor: duckdb.DuckDBPyConnection
    job: "RunningJob"
    sent: int = 0

    def send(self, messages: Sequence[bytes | None]) -> None:
        """Publish raw messages and wait for their acknowledgement."""
        self.raw_events.send(messages)
        self.raw_events.flush()
        self.sent += len(messages)

    def settle(self) -> dict[str, Any]:
        """Apply what the job publishes until it has read everything that was sent; return the books."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            messages = self.source.poll(0.2, MOST_MESSAGES)
            if messages:
                self.sink.apply(self.source.cluster_id(), messages)
            books = books_row(self.pool)
            if books["offsets_read"] >= self.sent and books["requests_stored"] == books["counted"] and not messages:
                return books
            assert self.job.is_alive(), "the job has ended"
        raise TimeoutError(f"{self.sent} messages sent, the books say {books}")

    def letters_by_reason(self, expected: int) -> dict[str, int]:
        """Apply what the job publishes until there are so many dead letters; return how many each reason has."""
        self.apply_until(lambda: int(self.rows("SELECT count(*) FROM dead_letters")[0][0]) >= expected)
        assert self.rows('SELECT count(DISTINCT (topic, partition, "offset")) FROM dead_letters') == [(expected,)]
        return dict(self.rows("SELECT reason, count(*) FROM dead_letters GROUP BY reason"))

    def apply_until(self, condition: Callable[[], bool]) -> None:
        """Apply what the job publishes until a condition holds."""

        def applied() -> bool:
            messages = self.source.poll(0.2, MOST_MESSAGES)
            if messages:
                self.sink.apply(self.source.cluster_id(), messages)
            return condition()

        poll_until(applied, DEADLINE_SECONDS)

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Ask the store."""
        return self.cursor.execute(query, parameters).fetchall()


@contextmanager
def pipeline(spark: SparkSession, address: str, folder: Path, **settings: int) -> Iterator[Pipeline]:
    """Run the job and the sink on a broker; ``settings`` are those of the Spark job."""
    chosen = StreamingSettings.model_validate({"kafka_broker": address, "trigger_seconds": 0.2, **settings})
    with ExitStack() as parts:
        database = parts.enter_context(closing(Database.open(folder / "observability.db")))
        source = parts.enter_context(closing(KafkaSource(address, TOPICS, "test")))
        sink = parts.enter_context(closing(Sink(database, _ignore)))
        pool = parts.enter_context(closing(CursorPool(database, 1, 30, _ignore)))
        source.seek({place: at.next_offset for place, at in sink.progress(source.cluster_id()).items()})
        thread = parts.enter_context(running_job(spark, chosen, folder, source.cluster_id()))
        yield Pipeline(address, KafkaRawEvents(address), source, sink, pool, database.cursor(), thread)


class RunningJob(threading.Thread):
    """A job on a thread; ``error`` is what ended it."""

    def __init__(self, job: Job) -> None:
        super().__init__(name="job")
        self._job = job
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self._job.run()
        except (ClusterChangedError, JvmGoneError) as error:
            self.error = error


@contextmanager
def running_job(
    spark: SparkSession, settings: StreamingSettings, folder: Path, cluster_id: str
) -> Iterator[RunningJob]:
    """Run the Spark job on a thread, its checkpoint under ``folder``."""
    stop = threading.Event()
    checkpoint = checkpoint_location(str(folder / "checkpoints"), cluster_id)
    publisher = KafkaPublisher(settings.kafka_broker, "test")
    topic = KafkaSource(settings.kafka_broker, [RAW_EVENTS.name], "test")
    job = Job(spark, settings, checkpoint, publisher, topic, JobState(settings.trigger_seconds), stop)
    thread = RunningJob(job)
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(60)
        publisher.close()
        topic.close()


def poll_until(condition: Callable[[], bool], deadline_seconds: float = 60.0) -> None:
    """Wait until a condition holds, or fail."""
    deadline = time.monotonic() + deadline_seconds
    while not condition():
        assert time.monotonic() < deadline, f"not so after {deadline_seconds} s"
        time.sleep(0.05)


def good_event(event_id: str, moment: datetime, service: str = "checkout") -> bytes:
    """Return an event that passes every rule."""
    fields = {"event_time": to_rfc3339(moment), "service": service, "endpoint": "/api/cart", "latency_ms": 12.5}
    return json.dumps({**fields, "status_code": 200, "event_id": event_id}).encode()


def _ignore(_query: str, _seconds: float) -> None: ...
