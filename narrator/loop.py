"""The loop: reads the topics, publishes what is due, hands questions to the model's thread."""

import logging
import threading
from collections import deque
from collections.abc import Callable

from contracts.records import MalformedRecordError
from contracts.summaries import IncidentSummary
from contracts.topics import INCIDENT_SUMMARIES
from narrator.asker import Asker
from narrator.health import Health
from narrator.model_log import ModelLog
from narrator.narrator import Narrator
from narrator.reading import read_record
from runtime.history import read_to_end
from runtime.topic_log import (
    BrokerUnavailableError,
    ClusterChangedError,
    Message,
    Publisher,
    PublishError,
    RecordSource,
    lag_by_topic,
)

FIRST_BACKOFF_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 30.0
POLL_SECONDS = 0.5
MAX_MESSAGES = 500
FLUSH_SECONDS = 10.0
MAX_UNACKNOWLEDGED = 500
"""Summaries that are handed to the broker before it has to acknowledge them."""

logger = logging.getLogger(__name__)


class Loop:
    """Reads, decides, publishes and asks; until it is asked to stop."""

    def __init__(  # noqa: PLR0913 - its parts
        self,
        source: RecordSource,
        connect: Callable[[], Publisher],
        narrator: Narrator,
        health: Health,
        *,
        clock: Callable[[], float],
        asker: Asker | None,
        model_log: ModelLog,
    ) -> None:
        """Connect to nothing yet.

        Args:
            source: both topics.
            connect: makes a publisher; asked again after one failed.
            narrator: the decisions.
            health: what is shown outside.
            clock: monotonic seconds.
            asker: asks the model; None without one.
            model_log: the log of the model's state.
        """
        self._source, self._connect, self._narrator, self._health = source, connect, narrator, health
        self._clock, self._asker, self._model_log = clock, asker, model_log
        self._publisher: Publisher | None = None
        self._unpublished: deque[IncidentSummary] = deque()
        self._is_caught_up = False
        self._backoff_seconds = FIRST_BACKOFF_SECONDS
        self._publish_again_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Loop until ``stop`` is set, finish the unit of work under way, and release the connections."""
        backoff = FIRST_BACKOFF_SECONDS
        while not stop.is_set():
            try:
                self.step()
                backoff = FIRST_BACKOFF_SECONDS
            except BrokerUnavailableError as error:
                self._health.reason = f"waiting for Kafka: {error}"
                logger.warning(
                    "Kafka does not answer; is it running, and is KAFKA_BROKER right?",
                    extra={"error": str(error), "again_in_seconds": backoff},
                )
                stop.wait(backoff)
                backoff = min(2 * backoff, LONGEST_BACKOFF_SECONDS)
        self.close()

    def step(self) -> None:
        """Do one unit of work: read what the topics held at the start, else poll once; then publish and ask.

        Raises:
            BrokerUnavailableError: the topics cannot be read from their beginning.
        """
        try:
            if self._is_caught_up:
                self._read(self._source.poll(POLL_SECONDS, MAX_MESSAGES))
            else:
                self._read_history()
        except ClusterChangedError as error:
            logger.error(  # noqa: TRY400 - expected, and the message says it all
                "the broker is another one than before: telling the incidents of its own topics from their beginning",
                extra={"error": str(error)},
            )
            self._health.reason = "the topics of another cluster are not read yet"
            self._is_caught_up = False
            self._drop_publisher()
            return
        self._health.lag = lag_by_topic(self._source.lag())
        self._take_answer()
        self._unpublished.extend(self._narrator.due())
        self._publish()
        self._ask()

    def close(self) -> None:
        """Release the connections."""
        self._drop_publisher()
        self._source.close()

    def _read_history(self) -> None:
        self._narrator.start_afresh()
        self._unpublished.clear()
        self._health.lag, self._health.waiting = {}, None
        for message in read_to_end(self._source):
            self._read([message])
        self._is_caught_up = True
        self._health.reason = None
        logger.info("read the topics to their end", extra={"incidents": self._narrator.incidents.known})

    def _read(self, messages: list[Message]) -> None:
        for message in messages:
            try:
                record = read_record(message.source.topic, message.value)
            except MalformedRecordError as error:
                self._health.count_read(message.source.topic, malformed=True)
                position = {**message.source._asdict(), "offset": message.offset}
                logger.warning("a record is malformed and passed over", extra={**position, "error": str(error)})
                continue
            self._narrator.read(record)
            self._health.count_read(message.source.topic, malformed=False)

    def _publish(self) -> None:
        """Publish what waits. What is not acknowledged stays, and is published again as it is."""
        if not self._unpublished or self._clock() < self._publish_again_at:
            return
        try:
            while self._unpublished:
                self._publish_some()
        except (PublishError, BrokerUnavailableError) as error:
            self._drop_publisher()
            self._publish_again_at = self._clock() + self._backoff_seconds
            self._backoff_seconds = min(2 * self._backoff_seconds, LONGEST_BACKOFF_SECONDS)
            self._health.reason = f"{len(self._unpublished)} summaries are not published yet: {error}"
            logger.warning(
                "summaries cannot be published and wait; does the broker take records?",
                extra={"waiting": len(self._unpublished), "error": str(error)},
            )
        else:
            self._backoff_seconds = FIRST_BACKOFF_SECONDS
            self._health.reason = None

    def _publish_some(self) -> None:
        if self._publisher is None:
            self._publisher = self._connect()
        handed_over = [self._unpublished[at] for at in range(min(len(self._unpublished), MAX_UNACKNOWLEDGED))]
        for summary in handed_over:
            self._publisher.publish(INCIDENT_SUMMARIES.name, summary.encode(), key=summary.incident_id)
        self._publisher.flush(FLUSH_SECONDS)
        for summary in handed_over:
            self._unpublished.popleft()
            self._health.count_published(summary)
            extra = {"incident_id": summary.incident_id, "revision": summary.revision, "source": summary.source}
            logger.info(summary.headline, extra=extra)

    def _take_answer(self) -> None:
        result = None if self._asker is None else self._asker.finished()
        if result is not None:
            self._health.count_result(result)
            self._model_log.note(result)
            self._narrator.take(result)

    def _ask(self) -> None:
        self._health.waiting = self._narrator.waiting
        if self._asker is not None and not self._asker.is_busy:
            question = self._narrator.next_question()
            if question is not None:
                self._asker.ask(question)

    def _drop_publisher(self) -> None:
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None
