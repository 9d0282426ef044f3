"""Topic records for tests: what streaming would publish."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from contracts.records import BatchEnd, Bucket, DeadLetter, Record, WindowUpdate
from contracts.topics import AGGREGATED_METRICS, DEAD_LETTERS
from runtime.memory import MemoryCluster
from runtime.topic_log import Message, TopicPartition

START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PARTITIONS = tuple(TopicPartition(AGGREGATED_METRICS.name, number) for number in range(AGGREGATED_METRICS.partitions))
LETTERS = TopicPartition(DEAD_LETTERS.name, 0)


def update(
    buckets: Sequence[tuple[int, int, int, float, float]] = ((-96, 10, 1, 1.25, 0.125),),
    minute: int = 0,
    service: str = "checkout",
    endpoint: str = "/api/cart",
    batch_id: int = 0,
    **changed: object,
) -> WindowUpdate:
    start = START + minute * MINUTE
    fields: dict[str, object] = {
        "window_start": start,
        "window_end": start + MINUTE,
        "service": service,
        "endpoint": endpoint,
        "buckets": tuple(Bucket(*bucket) for bucket in buckets),
        "run_id": "run",
        "batch_id": batch_id,
        "emitted_at": start + batch_id * timedelta(seconds=10),
    }
    return WindowUpdate.model_validate(fields | changed)


def batch_end(batch_id: int = 0, received: int = 10, **changed: object) -> BatchEnd:
    fields: dict[str, object] = {
        "run_id": "run",
        "batch_id": batch_id,
        "offsets": {0: (batch_id * received, (batch_id + 1) * received)},
        "received": received,
        "counted": received,
        "duplicate": 0,
        "late": 0,
        "invalid": {},
        "future": 0,
        "lost": 0,
        "watermark": None,
        "max_event_time": START + (batch_id + 1) * MINUTE,
        "duration_seconds": 1.5,
        "emitted_at": START + batch_id * timedelta(seconds=10),
    }
    return BatchEnd.model_validate(fields | changed)


def dead_letter(offset: int = 0, **changed: object) -> DeadLetter:
    fields: dict[str, object] = {
        "topic": "raw_events",
        "partition": 0,
        "offset": offset,
        "reason": "invalid_json",
        "received_at": START + offset * MINUTE,
        "encoding": "utf-8",
        "content": '{"service":',
        "size_bytes": 11,
        "sha256": "0" * 64,
    }
    return DeadLetter.model_validate(fields | changed)


def messages(
    records: Iterable[Record | bytes | None], source: TopicPartition = PARTITIONS[0], first_offset: int = 0
) -> list[Message]:
    return [
        Message(source, offset, START, None, record.encode() if isinstance(record, Record) else record)
        for offset, record in enumerate(records, first_offset)
    ]


def publish(cluster: MemoryCluster, updates: Iterable[WindowUpdate], end: BatchEnd | None = None) -> None:
    """Write window updates, by service over the partitions, and the batch's end into every partition."""
    for each in updates:
        cluster.append(PARTITIONS[len(each.service) % len(PARTITIONS)], each.service.encode(), each.encode())
    for source in PARTITIONS if end is not None else ():
        cluster.append(source, None, end.encode() if end is not None else None)
