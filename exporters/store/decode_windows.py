"""The limits of what streaming publishes: window updates, batch ends and dead letters."""

import operator
import re

from contracts.event import RULES
from contracts.histogram import ZERO_INDEX, bucket_index
from contracts.records import BatchEnd, DeadLetter, MalformedRecordError, WindowUpdate
from contracts.times import WINDOW, window_start

MAX_COUNT = 2**53
"""Counters are kept as doubles, which hold whole numbers up to here."""
MAX_BUCKET_REQUESTS = 2**40
MAX_BUCKET_SECONDS = 2.0**33
"""Seconds of latency, all requests of a bucket together."""
MAX_INDEX = bucket_index((RULES["latency_ms"].maximum or 0.0) / 1000)


def check_update(update: WindowUpdate) -> WindowUpdate:
    """Return the update.

    Raises:
        MalformedRecordError: it is of no window or series that can be, or its numbers exceed the columns.
    """
    if update.window_start != window_start(update.window_start) or update.window_end - update.window_start != WINDOW:
        raise MalformedRecordError(f"{update.window_start} to {update.window_end} is not a window of {WINDOW}")
    check_name("service", update.service)
    check_name("endpoint", update.endpoint)
    if update.buckets:
        _check_buckets(update)
    return update


def check_name(field: str, text: str) -> None:
    """Refuse the name of a service or endpoint that no event can have.

    Raises:
        MalformedRecordError: it breaks the rule of the field.
    """
    if re.fullmatch(RULES[field].pattern or "", text) is None:
        raise MalformedRecordError(f"no event can have the {field} {text!r}")


def _check_buckets(update: WindowUpdate) -> None:
    indexes, requests, errors, sums, maxima = zip(*update.buckets, strict=True)
    if min(indexes) < ZERO_INDEX or max(indexes) > MAX_INDEX:
        raise MalformedRecordError(f"bucket indexes are {ZERO_INDEX} to {MAX_INDEX}")
    if max(requests) > MAX_BUCKET_REQUESTS or max(*sums, *maxima) > MAX_BUCKET_SECONDS:
        raise MalformedRecordError(f"a bucket holds up to {MAX_BUCKET_REQUESTS} requests, {MAX_BUCKET_SECONDS:.0f} s")
    if any(map(operator.gt, errors, requests)):
        raise MalformedRecordError("a bucket has more errors than requests")


def check_batch_end(end: BatchEnd) -> BatchEnd:
    """Return the batch's end.

    Raises:
        MalformedRecordError: its numbers exceed the columns.
    """
    books = (end.received, end.counted, end.duplicate, end.late, end.future, end.lost, *end.invalid.values())
    check_counts(end.batch_id, *books, *(offset for position in end.offsets.values() for offset in position))
    if end.duration_seconds > MAX_BUCKET_SECONDS:
        raise MalformedRecordError(f"no batch lasts {end.duration_seconds} s")
    return end


def check_letter(letter: DeadLetter) -> DeadLetter:
    """Return the dead letter.

    Raises:
        MalformedRecordError: its numbers exceed the columns.
    """
    if letter.partition >= 2**31:
        raise MalformedRecordError("a partition is below 2^31")
    check_counts(letter.offset, letter.size_bytes)
    return letter


def check_counts(*counts: int) -> None:
    """Refuse counts that a column cannot hold.

    Raises:
        MalformedRecordError: one of them exceeds ``MAX_COUNT``.
    """
    if max(counts) > MAX_COUNT:
        raise MalformedRecordError(f"a count is at most {MAX_COUNT}")
