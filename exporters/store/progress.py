"""How far the sink has come in each partition of a cluster: the next offset and the newest event time."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import duckdb

from contracts import metrics
from contracts.records import BatchEnd
from exporters.store.counters import Rises
from exporters.store.decode import Decoded
from runtime.topic_log import Message, TopicPartition

_READ = 'SELECT topic, "partition", next_offset, max_event_time FROM consumed_offsets WHERE cluster_id = $cluster_id'
_FORGET = "DELETE FROM consumed_offsets WHERE cluster_id = $cluster_id"
_WRITE = "INSERT INTO consumed_offsets VALUES (?, ?, ?, ?, ?)"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PartitionProgress:
    """``max_event_time`` is the running maximum over the batches that ended here, None before the first."""

    next_offset: int
    max_event_time: datetime | None = None


Progress = Mapping[TopicPartition, PartitionProgress]


def read_progress(cursor: duckdb.DuckDBPyConnection, cluster_id: str) -> dict[TopicPartition, PartitionProgress]:
    """Return the progress on one cluster; partitions that were never read are absent."""
    rows = cursor.execute(_READ, {"cluster_id": cluster_id}).fetchall()
    return {
        TopicPartition(topic, partition): PartitionProgress(next_offset, at and at.replace(tzinfo=UTC))
        for topic, partition, next_offset, at in rows
    }


def write_progress(
    cursor: duckdb.DuckDBPyConnection, cluster_id: str, messages: Iterable[Message], decoded: Decoded, rises: Rises
) -> None:
    """Move the progress past the messages and count each of them by outcome, unless it was counted before."""
    progress = read_progress(cursor, cluster_id)
    for message in messages:
        outcome = "malformed" if (message.source, message.offset) in decoded.malformed else "applied"
        _advance(progress, message, outcome, rises)
    for source, end in decoded.batch_ends:
        progress[source] = _with_event_time(progress[source], end)
    cursor.execute(_FORGET, {"cluster_id": cluster_id})
    cursor.executemany(_WRITE, [_row(cluster_id, source, at) for source, at in sorted(progress.items())])


def _advance(progress: dict[TopicPartition, PartitionProgress], message: Message, outcome: str, rises: Rises) -> None:
    topic, offset = message.source.topic, message.offset
    known = progress.get(message.source, PartitionProgress(offset))
    if offset < known.next_offset:
        return
    if offset > known.next_offset:
        _count_gap(message, known.next_offset, rises)
    rises.add(metrics.SINK_RECORDS.name, 1, {"topic": topic, "outcome": outcome})
    progress[message.source] = replace(known, next_offset=offset + 1)


def _count_gap(message: Message, expected: int, rises: Rises) -> None:
    missing = message.offset - expected
    rises.add(metrics.SINK_RECORDS_LOST.name, missing, {"topic": message.source.topic})
    logger.error(
        "records vanished from the topic before they were read; raise its retention or keep the exporters running",
        extra={**message.source._asdict(), "missing": missing, "from_offset": expected, "to_offset": message.offset},
    )


def _with_event_time(known: PartitionProgress, end: BatchEnd) -> PartitionProgress:
    times = [at for at in (known.max_event_time, end.max_event_time) if at is not None]
    return replace(known, max_event_time=max(times, default=None))


def _row(cluster_id: str, source: TopicPartition, at: PartitionProgress) -> tuple[object, ...]:
    event_time = None if at.max_event_time is None else at.max_event_time.replace(tzinfo=None)
    return cluster_id, source.topic, source.partition, at.next_offset, event_time


def stream_time(progress: Progress, partitions: Iterable[TopicPartition]) -> datetime | None:
    """Return the event time up to which every one of the partitions is complete; None until each has ended a batch."""
    times = [progress[source].max_event_time if source in progress else None for source in partitions]
    reached = [at for at in times if at is not None]
    return min(reached) if reached and len(reached) == len(times) else None
