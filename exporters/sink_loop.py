"""The loop that reads topics into the store and keeps the snapshot.

What a batch could contain that does not fit the tables is counted as malformed while it is decoded, so a failure of the
database is about the database: a full disk, a damaged file. Skipping or splitting the batch would not help and would
lose records silently; it is tried again, and then the process ends. Its successor continues at the same offsets.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import duckdb

from contracts.topics import AGGREGATED_METRICS, ANOMALIES, INJECTIONS
from exporters.snapshot import Snapshot
from exporters.store.budget_figures import USUAL_OBJECTIVES, Objectives
from exporters.store.errors import StoreError
from exporters.store.figures import read_figures
from exporters.store.pool import CursorPool
from exporters.store.progress import stream_time
from exporters.store.sink import Sink
from runtime.topic_log import (
    BrokerUnavailableError,
    ClusterChangedError,
    Message,
    RecordSource,
    TopicPartition,
    lag_by_topic,
)

FIRST_BACKOFF_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 30.0
SCORED_TOPICS = frozenset({ANOMALIES.name, INJECTIONS.name})
"""What comes on them changes how well faults were detected."""

logger = logging.getLogger(__name__)


class SinkFailedError(RuntimeError):
    """The database refuses a batch again and again; nothing of it was written and its offsets are not consumed."""


class SinkLoop:
    """Polls, applies, publishes a snapshot; until it is asked to stop."""

    def __init__(  # noqa: PLR0913 - its parts and its settings
        self,
        source: RecordSource,
        sink: Sink,
        pool: CursorPool,
        now: Callable[[], datetime],
        *,
        poll_seconds: float,
        max_messages: int,
        max_attempts: int,
        objectives: Objectives = USUAL_OBJECTIVES,
    ) -> None:
        self._source, self._sink, self._pool, self._now = source, sink, pool, now
        self._poll_seconds, self._max_messages, self._max_attempts = poll_seconds, max_messages, max_attempts
        self._objectives = objectives
        self._cluster_id: str | None = None
        self._partitions: tuple[TopicPartition, ...] = ()
        self._applied_at: dict[TopicPartition, datetime] = {}
        self.snapshot = Snapshot(figures=read_figures(pool, None, objectives))

    def run(self, stop: threading.Event) -> None:
        """Loop until ``stop`` is set; the unit of work under way is finished.

        Raises:
            SinkFailedError: the database refuses to be written.
        """
        backoff = FIRST_BACKOFF_SECONDS
        while not stop.is_set():
            try:
                self.step(stop)
                backoff = FIRST_BACKOFF_SECONDS
            except BrokerUnavailableError as error:
                logger.warning(
                    "Kafka does not answer; is it running, and is KAFKA_BROKER right?",
                    extra={"error": str(error), "again_in_seconds": backoff},
                )
                stop.wait(backoff)
                backoff = min(2 * backoff, LONGEST_BACKOFF_SECONDS)

    def step(self, stop: threading.Event) -> None:
        """Do one unit of work: find the place where there is none yet, else poll once and apply what came.

        Raises:
            BrokerUnavailableError: the broker did not say which cluster it is.
            SinkFailedError: see ``run``.
        """
        if self._cluster_id is None:
            self._seek()
        try:
            messages = self._source.poll(self._poll_seconds, self._max_messages)
        except ClusterChangedError as error:
            logger.error(  # noqa: TRY400 - expected, and the message says it all
                "the broker is another one than before: reading it from its own beginning, what was counted stays",
                extra={"error": str(error)},
            )
            self._cluster_id = None
            return
        if messages:
            self._apply(messages, stop)
        self._publish(messages)

    def _seek(self) -> None:
        cluster_id = self._source.cluster_id()
        self._partitions = self._source.partitions()
        progress = self._sink.progress(cluster_id)
        self._source.seek({source: at.next_offset for source, at in progress.items() if source in self._partitions})
        self._cluster_id = cluster_id
        logger.info("reading topics", extra={"cluster_id": cluster_id, "partitions": len(self._partitions)})
        self._refresh_figures(())

    def _apply(self, messages: Sequence[Message], stop: threading.Event) -> None:
        for attempt in range(1, self._max_attempts + 1):
            try:
                self._sink.apply(self._cluster_id or "", messages)
            except duckdb.Error as error:
                if attempt == self._max_attempts:
                    raise SinkFailedError(_advice(messages, attempt)) from error
                logger.warning("the database refused a batch; trying again", extra={"error": str(error)})
                stop.wait(attempt)
            else:
                return

    def _publish(self, messages: Sequence[Message]) -> None:
        now, lag = self._now(), self._source.lag()
        self._applied_at |= {message.source: message.timestamp for message in messages}
        # A partition that is read to its end may go on, or not be heard of, from this moment on.
        self._applied_at |= {source: now for source, records in lag.items() if records == 0}
        caught_up = bool(lag) and all(records == 0 for records in lag.values())
        behind = [at for source, at in self._applied_at.items() if lag.get(source) != 0]
        self.snapshot = replace(
            self.snapshot,
            polled_at=now,
            caught_up_at=now if caught_up else self.snapshot.caught_up_at,
            applied_until=min(behind, default=self.snapshot.applied_until),
            lag=lag_by_topic(lag),
        )
        if messages:
            self._refresh_figures(messages)

    def _refresh_figures(self, messages: Sequence[Message]) -> None:
        is_score_old = any(message.source.topic in SCORED_TOPICS for message in messages)
        detection = None if is_score_old else self.snapshot.figures.detection
        reached = stream_time(self._sink.progress(self._cluster_id or ""), self._metric_partitions())
        try:
            figures = read_figures(self._pool, reached, self._objectives, detection)
        except StoreError as error:
            logger.warning("/metrics shows older figures than the tables hold", extra={"error": str(error)})
            return
        self.snapshot = replace(self.snapshot, stream_time=reached, figures=figures)

    def _metric_partitions(self) -> tuple[TopicPartition, ...]:
        return tuple(source for source in self._partitions if source.topic == AGGREGATED_METRICS.name)


def _advice(messages: Sequence[Message], attempts: int) -> str:
    return (
        f"the database refused {len(messages)} records {attempts} times; none of them was skipped. Look for a full disk"
        " or a damaged file, then start again: reading continues at the same offsets"
    )
