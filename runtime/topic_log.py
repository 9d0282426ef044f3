"""Contract: how the platform reads and writes topics.

``runtime.kafka`` implements it on a real broker, ``runtime.memory`` in memory for tests; one conformance suite
(``tests/integration/conformance``) runs over both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol


class TopicPartition(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Message:
    """One record as it was read. ``timestamp`` is the record's time in UTC."""

    source: TopicPartition
    offset: int
    timestamp: datetime
    key: bytes | None
    value: bytes | None


class BrokerUnavailableError(ConnectionError):
    """The broker did not answer in time; trying again later is right."""


class PublishError(RuntimeError):
    """At least one record was not acknowledged; publishing the same records again is right."""


class ClusterChangedError(RuntimeError):
    """The broker is another cluster than at the start: positions mean nothing there. End, and start afresh."""


class RecordSource(Protocol):
    """Reads topics from explicit positions. It commits nothing: the reader keeps the positions beside its results."""

    def cluster_id(self) -> str:
        """Return the identity of the cluster. Blocks up to the connection time limit.

        Raises:
            BrokerUnavailableError: no broker answered.
        """
        ...

    def partitions(self) -> tuple[TopicPartition, ...]:
        """Return the partitions of the topics it reads, sorted. Blocks and raises as ``cluster_id``."""
        ...

    def end_offsets(self) -> dict[TopicPartition, int]:
        """Return where each partition ends: the offset of the next record. Blocks and raises as ``cluster_id``."""
        ...

    def seek(self, positions: Mapping[TopicPartition, int]) -> None:
        """Continue every partition at its position; partitions without one start at their earliest record."""
        ...

    def poll(self, timeout_seconds: float, max_messages: int) -> list[Message]:
        """Return the next messages, in order within a partition; empty when none came in time.

        A broker that is away is nothing to report: the answer is empty until it is back.

        Raises:
            ClusterChangedError: the broker is not the one that ``seek`` was called on.
        """
        ...

    def lag(self) -> dict[TopicPartition, int | None]:
        """Return the number of records after the own position; None where the end is not known. Never blocks.

        It is not known before the first answer, nor once the broker has been away for half a minute.
        """
        ...

    def close(self) -> None:
        """Release the connection. May be called twice."""
        ...


class Publisher(Protocol):
    """Writes records; acknowledged by all replicas, in order within a partition."""

    def publish(self, topic: str, value: bytes, key: str | None = None, partition: int | None = None) -> None:
        """Queue a record. Without a partition the key decides. Blocks only while the queue is full.

        Raises:
            PublishError: the queue stayed full, or the topic is not known, up to the connection time limit.
        """
        ...

    def flush(self, timeout_seconds: float) -> None:
        """Block until every queued record is acknowledged.

        Raises:
            PublishError: some were not, within the time limit. They may still arrive.
        """
        ...

    def partition_count(self, topic: str) -> int:
        """Return how many partitions a topic has.

        Raises:
            BrokerUnavailableError: no broker answered, or it does not know the topic.
        """
        ...

    def close(self) -> None:
        """Flush what can be flushed within a second and release the connection. May be called twice."""
        ...


def lag_by_topic(lag: Mapping[TopicPartition, int | None]) -> dict[str, int]:
    """Return the records that are still to be read of each topic whose ends are all known."""
    records: dict[str, list[int | None]] = {}
    for source, behind in lag.items():
        records.setdefault(source.topic, []).append(behind)
    known = {topic: [behind for behind in each if behind is not None] for topic, each in records.items()}
    return {topic: sum(each) for topic, each in known.items() if len(each) == len(records[topic])}
