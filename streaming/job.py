"""Runs the query for as long as the service lives: starts it, watches it, starts it again."""

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta

from py4j.protocol import Py4JNetworkError
from pyspark.errors import StreamingQueryException
from pyspark.sql import SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from contracts.times import utc_now
from runtime.topic_log import BrokerUnavailableError, ClusterChangedError, Publisher, RecordSource
from streaming.accounting import Books
from streaming.batch import BatchProcessor
from streaming.health import JobState
from streaming.settings import StreamingSettings
from streaming.source import EventSource
from streaming.windows import changed_buckets

logger = logging.getLogger(__name__)

_WATCH_SECONDS = 0.5
_POLL_SECONDS = 0.05
_ENDS_EVERY = timedelta(seconds=5)
_FINISH_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 30.0


class JvmGoneError(RuntimeError):
    """Spark's JVM does not answer; the process must end, and a successor starts another."""


@dataclass
class Job:
    """The streaming query on one Kafka cluster and one checkpoint."""

    spark: SparkSession
    settings: StreamingSettings
    checkpoint: str
    publisher: Publisher
    topic: RecordSource
    state: JobState
    stop: threading.Event
    source: EventSource = field(init=False)

    def __post_init__(self) -> None:
        """Derive the source from the settings."""
        self.source = EventSource(self.settings.kafka_broker, self.settings.max_events_per_batch)

    def run(self) -> None:
        """Run the query until ``stop`` is set; after a failure, again from its checkpoint, with growing pauses.

        Raises:
            ClusterChangedError: the broker is another cluster than at the start.
            JvmGoneError: Spark's JVM is gone.
        """
        pause_seconds = 1.0
        while not self.stop.is_set():
            committed = self.state.positions
            try:
                self._run_query()
            except StreamingQueryException as error:
                self.state.reason_unhealthy = f"the query failed: {_first_line(error)}"
                logger.exception("the query failed; it starts again from its checkpoint", extra={"in_s": pause_seconds})
            except (Py4JNetworkError, ConnectionRefusedError) as error:
                raise JvmGoneError("Spark's JVM is gone") from error
            self.stop.wait(pause_seconds)
            progressed = self.state.positions != committed
            pause_seconds = 1.0 if progressed else min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)

    def _run_query(self) -> None:
        query = self._start()
        self.state.reason_unhealthy = None
        ends_due = utc_now()
        while not self.stop.is_set() and query.isActive:
            if utc_now() >= ends_due:
                self._watch_topic(query)
                ends_due = utc_now() + _ENDS_EVERY
            self.stop.wait(_WATCH_SECONDS)
        self._finish(query)

    def _start(self) -> StreamingQuery:
        rows = changed_buckets(self.source.stream(self.spark), self.settings.watermark_delay_seconds)
        processor = BatchProcessor(self.spark, self.source, self.publisher, self._took)
        writer = rows.writeStream.outputMode("update").foreachBatch(processor)
        return (
            writer.option("checkpointLocation", self.checkpoint)
            .trigger(processingTime=f"{self.settings.trigger_seconds * 1000:.0f} milliseconds")
            .start()
        )

    def _took(self, books: Books, duration_seconds: float) -> None:
        self.state.take_books(books)
        logger.info(
            "batch done",
            extra={
                "batch_id": books.batch_id,
                "received": books.received,
                "counted": books.counted,
                "seconds": round(duration_seconds, 3),
            },
        )
        if books.lost:
            logger.error(
                "Kafka dropped events before they were read: raise the retention of raw_events, or speed up streaming",
                extra={"batch_id": books.batch_id, "lost": books.lost},
            )

    def _watch_topic(self, query: StreamingQuery) -> None:
        try:
            ends = self.topic.end_offsets()
            if self.topic.cluster_id() != self.checkpoint.rsplit("/", 1)[-1]:
                query.stop()
                raise ClusterChangedError(f"the broker is cluster {self.topic.cluster_id()}, not {self.checkpoint}")
        except BrokerUnavailableError as error:
            logger.warning("the broker does not answer; Spark keeps trying", extra={"error": str(error)})
        else:
            self.state.take_ends({source.partition: end for source, end in ends.items()}, utc_now())

    def _finish(self, query: StreamingQuery) -> None:
        """Let a running batch end, within a limit: one that is cut off is run again, with the same result.

        Raises:
            StreamingQueryException: the query had failed.
        """
        deadline = time.monotonic() + _FINISH_SECONDS
        while query.isActive and query.status["isTriggerActive"] and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        query.stop()
        query.awaitTermination()


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
