"""Reads a record of the topic, and refuses what no event can have led to.

The engine counts on what is checked here: one-minute windows, names of a bounded length, buckets that a latency can
fall into, and not more errors than requests.
"""

import re

from contracts.event import RULES
from contracts.histogram import ZERO_INDEX, bucket_index
from contracts.records import BatchEnd, MalformedRecordError, WindowUpdate, decode_aggregated_metric
from contracts.times import EPOCH, WINDOW, window_start

_SERVICE = re.compile(RULES["service"].pattern or "")
_ENDPOINT = re.compile(RULES["endpoint"].pattern or "")
_LARGEST_INDEX = bucket_index((RULES["latency_ms"].maximum or 0.0) / 1000)


def decode(value: bytes | None) -> WindowUpdate | BatchEnd:
    """Read a record.

    Raises:
        MalformedRecordError: it is no record of the topic, or contradicts itself.
    """
    record = decode_aggregated_metric(value)
    flaw = _flaw_of_update(record) if isinstance(record, WindowUpdate) else _flaw_of_end(record)
    if flaw is not None:
        raise MalformedRecordError(flaw)
    return record


def _flaw_of_end(end: BatchEnd) -> str | None:
    if end.max_event_time is not None and end.max_event_time < EPOCH:
        return "max_event_time: is before 1970"
    return None


def _flaw_of_update(update: WindowUpdate) -> str | None:
    start = update.window_start
    if start < EPOCH or start != window_start(start) or update.window_end - start != WINDOW:
        return "window_start: does not begin a window of one minute after 1970"
    if _SERVICE.fullmatch(update.service) is None:
        return "service: is no name of a service"
    if _ENDPOINT.fullmatch(update.endpoint) is None:
        return "endpoint: is no name of an endpoint"
    for index, requests, errors, _, _ in update.buckets:
        if not ZERO_INDEX <= index <= _LARGEST_INDEX:
            return f"buckets: no latency falls into bucket {index}"
        if errors > requests:
            return f"buckets: {errors} errors of {requests} requests"
    return _flaw_of_arrivals(update) if update.arrivals else None


def _flaw_of_arrivals(update: WindowUpdate) -> str | None:
    if len(update.arrivals) != len(update.buckets):
        return f"arrivals: {len(update.arrivals)} for {len(update.buckets)} buckets"
    for bucket, (first, second) in zip(update.buckets, update.arrivals, strict=True):
        if first + second > bucket.requests:
            return f"arrivals: {first + second} of {bucket.requests} requests"
    return None
