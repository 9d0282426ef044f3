"""What streaming makes of events: cumulative window updates in micro-batches, and a batch end in every partition."""

import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from contracts.histogram import bucket_index
from contracts.records import Arrivals, BatchEnd, Bucket, WindowUpdate
from contracts.times import THIRD, WINDOW, window_start
from contracts.topics import AGGREGATED_METRICS, ANOMALIES
from runtime.memory import MemoryCluster
from runtime.topic_log import TopicPartition

PARTITIONS = tuple(TopicPartition(AGGREGATED_METRICS.name, number) for number in range(AGGREGATED_METRICS.partitions))
PUBLISHED = TopicPartition(ANOMALIES.name, 0)
Key = tuple[datetime, str, str]


class Event(NamedTuple):
    """A request."""

    time: datetime
    service: str
    endpoint: str
    latency_seconds: float
    failed: bool


def batch_end(batch_id: int, max_event_time: datetime | None, **changed: object) -> BatchEnd:
    fields: dict[str, object] = {
        "run_id": "run",
        "batch_id": batch_id,
        "offsets": {0: (0, 1)},
        "received": 1,
        "counted": 1,
        "duplicate": 0,
        "late": 0,
        "invalid": {},
        "future": 0,
        "lost": 0,
        "watermark": None,
        "max_event_time": max_event_time,
        "duration_seconds": 1.0,
        "emitted_at": datetime.fromisoformat("2026-01-01T12:00:00Z"),
    }
    return BatchEnd.model_validate(fields | changed)


def update(start: datetime, service: str, endpoint: str, buckets: Iterable[Bucket], **changed: object) -> WindowUpdate:
    fields: dict[str, object] = {
        "window_start": start,
        "window_end": start + WINDOW,
        "service": service,
        "endpoint": endpoint,
        "buckets": tuple(buckets),
        "run_id": "run",
        "batch_id": 0,
        "emitted_at": start,
    }
    return WindowUpdate.model_validate(fields | changed)


def partition_of(service: str) -> TopicPartition:
    return PARTITIONS[zlib.crc32(service.encode()) % len(PARTITIONS)]


class Streaming:
    """Counts events into a cluster's ``aggregated_metrics``, one micro-batch after the other."""

    def __init__(self, cluster: MemoryCluster) -> None:
        self._cluster = cluster
        self._counts: dict[Key, dict[int, tuple[int, int, Arrivals]]] = {}
        self._batch_id = 0

    def batch(self, events: Sequence[Event]) -> None:
        """Publish the buckets that the events change, then the batch's end."""
        changed: dict[Key, set[int]] = {}
        for event in events:
            key = (window_start(event.time), event.service, event.endpoint)
            index, buckets = bucket_index(event.latency_seconds), self._counts.setdefault(key, {})
            requests, errors, (first, second) = buckets.get(index, (0, 0, (0, 0)))
            third = (event.time - key[0]) // THIRD
            buckets[index] = requests + 1, errors + event.failed, (first + (third == 0), second + (third == 1))
            changed.setdefault(key, set()).add(index)
        for key, indexes in changed.items():
            self._publish(key, indexes)
        self.end(max((event.time for event in events), default=None))

    def _publish(self, key: Key, indexes: Iterable[int]) -> None:
        changed = [(index, *self._counts[key][index]) for index in sorted(indexes)]
        buckets = [Bucket(index, requests, errors, 0.0, 0.0) for index, requests, errors, _ in changed]
        arrivals = tuple(when for *_, when in changed)
        value = update(*key, buckets, arrivals=arrivals).encode()
        self._cluster.append(partition_of(key[1]), key[1].encode(), value)

    def end(self, max_event_time: datetime | None) -> None:
        """Publish a batch's end to every partition."""
        value = batch_end(self._batch_id, max_event_time).encode()
        self._batch_id += 1
        for source in PARTITIONS:
            self._cluster.append(source, None, value)

    def batches(self, events: Sequence[Event], sizes: Iterable[int]) -> None:
        """Publish the events in batches of these sizes, over and over, until all are published."""
        left, each = list(events), list(sizes)
        number = 0
        while left:
            size = each[number % len(each)]
            self.batch(left[:size])
            left, number = left[size:], number + 1
