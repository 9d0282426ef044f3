"""From messages to what the tables can hold: strictly decoded and within the limits of the columns, or malformed.

The limits make a poisoned batch impossible: whatever passes here fits every column, so a failure of the database is a
failure of the database and not of a record.
"""

import logging
import operator
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from contracts.event import RULES
from contracts.histogram import ZERO_INDEX, bucket_index
from contracts.records import BatchEnd, DeadLetter, MalformedRecordError, WindowUpdate, decode_aggregated_metric
from contracts.times import WINDOW, window_start
from contracts.topics import AGGREGATED_METRICS, DEAD_LETTERS
from runtime.topic_log import Message, TopicPartition

TOPICS = (AGGREGATED_METRICS.name, DEAD_LETTERS.name)
"""The topics that the sink reads."""

MAX_COUNT = 2**53
"""Counters are kept as doubles, which hold whole numbers up to here."""
MAX_BUCKET_REQUESTS = 2**40
MAX_BUCKET_SECONDS = 2.0**33
"""Seconds of latency, all requests of a bucket together."""
MAX_INDEX = bucket_index((RULES["latency_ms"].maximum or 0.0) / 1000)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a list of messages says. ``malformed`` holds the positions of those that were skipped."""

    updates: list[WindowUpdate] = field(default_factory=list)
    batch_ends: list[tuple[TopicPartition, BatchEnd]] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    malformed: set[tuple[TopicPartition, int]] = field(default_factory=set)


def decode(messages: Iterable[Message]) -> Decoded:
    """Decode messages of ``TOPICS``; one that is malformed is logged with its position and skipped."""
    decoded = Decoded()
    for message in messages:
        try:
            _add(decoded, message)
        except MalformedRecordError as error:
            decoded.malformed.add((message.source, message.offset))
            logger.warning(
                "skipped a malformed record; find out which process writes it",
                extra={**message.source._asdict(), "offset": message.offset, "error": str(error)[:500]},
            )
    return decoded


def _add(decoded: Decoded, message: Message) -> None:
    if message.source.topic == DEAD_LETTERS.name:
        letter = DeadLetter.decode(message.value)
        _check_counts(letter.partition, letter.offset, letter.size_bytes)
        decoded.dead_letters.append(letter)
        return
    record = decode_aggregated_metric(message.value)
    if isinstance(record, WindowUpdate):
        _check_update(record)
        decoded.updates.append(record)
    else:
        _check_batch_end(record)
        decoded.batch_ends.append((message.source, record))


def _check_update(update: WindowUpdate) -> None:
    if update.window_start != window_start(update.window_start) or update.window_end - update.window_start != WINDOW:
        raise MalformedRecordError(f"{update.window_start} to {update.window_end} is not a window of {WINDOW}")
    for name, text in (("service", update.service), ("endpoint", update.endpoint)):
        if re.fullmatch(RULES[name].pattern or "", text) is None:
            raise MalformedRecordError(f"no event can have the {name} {text!r}")
    if update.buckets:
        _check_buckets(update)


def _check_buckets(update: WindowUpdate) -> None:
    indexes, requests, errors, sums, maxima = zip(*update.buckets, strict=True)
    if min(indexes) < ZERO_INDEX or max(indexes) > MAX_INDEX:
        raise MalformedRecordError(f"bucket indexes are {ZERO_INDEX} to {MAX_INDEX}")
    if max(requests) > MAX_BUCKET_REQUESTS or max(*sums, *maxima) > MAX_BUCKET_SECONDS:
        raise MalformedRecordError(f"a bucket holds up to {MAX_BUCKET_REQUESTS} requests, {MAX_BUCKET_SECONDS:.0f} s")
    if any(map(operator.gt, errors, requests)):
        raise MalformedRecordError("a bucket has more errors than requests")


def _check_batch_end(end: BatchEnd) -> None:
    books = (end.received, end.counted, end.duplicate, end.late, end.future, end.lost, *end.invalid.values())
    _check_counts(0, end.batch_id, *books, *(offset for position in end.offsets.values() for offset in position))
    if end.duration_seconds > MAX_BUCKET_SECONDS:
        raise MalformedRecordError(f"no batch lasts {end.duration_seconds} s")


def _check_counts(partition: int, *counts: int) -> None:
    if partition >= 2**31 or max(counts) > MAX_COUNT:
        raise MalformedRecordError(f"a partition is below 2^31 and a count at most {MAX_COUNT}")
