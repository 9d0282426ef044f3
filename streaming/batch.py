"""What happens inside each micro-batch, before its checkpoint commits."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from contracts.records import DeadLetter
from contracts.times import utc_now
from runtime.topic_log import Publisher
from streaming.accounting import Books, read_books
from streaming.letters import RejectedMessage, dead_letter
from streaming.publishing import batch_end, publish_batch_end, publish_letters, publish_updates
from streaming.rejected import rejected_messages
from streaming.source import EventSource
from streaming.updates import BatchIdentity, window_updates

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class BatchProcessor:
    """Publishes the facts of one micro-batch. Anything it raises fails the batch, which is then run again.

    A batch that runs twice publishes the same facts twice, and readers merge them.
    """

    spark: SparkSession
    source: EventSource
    publisher: Publisher
    on_books: Callable[[Books, float], None]
    clock: Callable[[], datetime] = utc_now

    def __call__(self, rows: DataFrame, batch_id: int) -> None:
        """Run the batch's one action, then publish updates, dead letters and, last of all, the batch end."""
        started = time.monotonic()
        table = rows.toArrow()
        books = read_books(self._stream(), self.source.topic, batch_id)
        updates = window_updates(table, BatchIdentity(books.run_id, batch_id), self.clock())
        publish_updates(self.publisher, updates)
        if books.rejected:
            self._publish_rejected(books)
        duration_seconds = time.monotonic() - started
        publish_batch_end(self.publisher, batch_end(books, duration_seconds, self.clock()))
        self.on_books(books, duration_seconds)

    def _publish_rejected(self, books: Books) -> None:
        messages = rejected_messages(self.spark, self.source, books.offsets)
        published = publish_letters(self.publisher, _letters(messages))
        if published != sum(books.rejected.values()):
            logger.warning(
                "some rejected messages have no dead letter: Kafka dropped them before they were read again",
                extra={"batch_id": books.batch_id, "rejected": sum(books.rejected.values()), "letters": published},
            )

    def _stream(self) -> Any:  # noqa: ANN401 - a JVM object
        (query,) = self.spark.streams.active
        return query._jsq.streamingQuery()


def _letters(messages: Iterator[RejectedMessage]) -> Iterator[DeadLetter]:
    return (dead_letter(message) for message in messages)
