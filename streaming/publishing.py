"""Publishes what a micro-batch found: window updates, dead letters, and last a batch end to every partition."""

from collections.abc import Iterable
from datetime import datetime

from contracts.records import BatchEnd, DeadLetter, WindowUpdate
from contracts.topics import AGGREGATED_METRICS, DEAD_LETTERS
from runtime.topic_log import Publisher
from streaming.accounting import Books

FLUSH_TIMEOUT_SECONDS = 120.0
"""How long a batch waits for the broker; a longer outage fails the batch, which is then run again."""


def publish_updates(publisher: Publisher, updates: Iterable[WindowUpdate]) -> None:
    """Write window updates, keyed by service, and wait until the broker has them.

    Raises:
        PublishError: the broker did not take them all.
    """
    for update in updates:
        publisher.publish(AGGREGATED_METRICS.name, update.encode(), key=update.service)
    publisher.flush(FLUSH_TIMEOUT_SECONDS)


def publish_letters(publisher: Publisher, letters: Iterable[DeadLetter]) -> int:
    """Write dead letters, each under its message's position, and return how many.

    Raises:
        PublishError: the broker did not take them all.
    """
    count = 0
    for letter in letters:
        publisher.publish(DEAD_LETTERS.name, letter.encode(), key=letter.key)
        count += 1
    publisher.flush(FLUSH_TIMEOUT_SECONDS)
    return count


def publish_batch_end(publisher: Publisher, end: BatchEnd) -> None:
    """Write the batch end to every partition of the window updates, which must all be acknowledged by now.

    Raises:
        PublishError: the broker did not take them all.
    """
    value = end.encode()
    for partition in range(publisher.partition_count(AGGREGATED_METRICS.name)):
        publisher.publish(AGGREGATED_METRICS.name, value, partition=partition)
    publisher.flush(FLUSH_TIMEOUT_SECONDS)


def batch_end(books: Books, duration_seconds: float, now: datetime) -> BatchEnd:
    """Return the record of a batch's books."""
    return BatchEnd(
        run_id=books.run_id,
        batch_id=books.batch_id,
        offsets=books.offsets,
        received=books.received,
        counted=books.counted,
        duplicate=books.duplicate,
        late=books.late,
        invalid=books.invalid,
        future=books.future,
        lost=books.lost,
        watermark=books.watermark,
        max_event_time=books.max_event_time,
        duration_seconds=duration_seconds,
        emitted_at=now,
    )
