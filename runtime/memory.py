"""In-memory twins of the topic log, for tests: the same promises without a broker."""

import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from contracts.times import EPOCH
from contracts.topics import Topic
from runtime.topic_log import BrokerUnavailableError, ClusterChangedError, Message, TopicPartition


class MemoryCluster:
    """A broker's memory. Each record's time is one second after the one before, so that tests repeat exactly."""

    def __init__(self, topics: Iterable[Topic], cluster_id: str = "memory") -> None:
        self.id = cluster_id
        self.available = True
        self._logs: dict[TopicPartition, list[Message]] = {
            TopicPartition(topic.name, partition): [] for topic in topics for partition in range(topic.partitions)
        }
        self._now = datetime(2026, 1, 1, tzinfo=UTC)

    def partitions(self, topic: str) -> tuple[TopicPartition, ...]:
        """Return the partitions of a topic, sorted."""
        return tuple(sorted(source for source in self._logs if source.topic == topic))

    def append(self, source: TopicPartition, key: bytes | None, value: bytes | None) -> None:
        """Append a record to a partition."""
        self._now += timedelta(seconds=1)
        log = self._logs[source]
        log.append(Message(source, len(log), self._now, key, value))

    def records(self, source: TopicPartition) -> list[Message]:
        """Return every record of a partition."""
        return self._logs[source]

    def wipe(self, cluster_id: str) -> None:
        """Lose every record and become another cluster, as a broker does whose disk was replaced."""
        self.id = cluster_id
        for log in self._logs.values():
            log.clear()
        self._now = EPOCH


class MemorySource:
    """``RecordSource`` over a ``MemoryCluster``."""

    def __init__(self, cluster: MemoryCluster, topics: Iterable[str]) -> None:
        self._cluster = cluster
        self._topics = tuple(topics)
        self._positions: dict[TopicPartition, int] = {}
        self._sought_on: str | None = None

    def cluster_id(self) -> str:
        """See ``RecordSource``."""
        if not self._cluster.available:
            raise BrokerUnavailableError("the memory cluster is switched off")
        return self._cluster.id

    def partitions(self) -> tuple[TopicPartition, ...]:
        """See ``RecordSource``."""
        self.cluster_id()
        return tuple(sorted(source for topic in self._topics for source in self._cluster.partitions(topic)))

    def end_offsets(self) -> dict[TopicPartition, int]:
        """See ``RecordSource``."""
        return {source: len(self._cluster.records(source)) for source in self.partitions()}

    def seek(self, positions: Mapping[TopicPartition, int]) -> None:
        """See ``RecordSource``."""
        self._sought_on = self.cluster_id()
        self._positions = {source: self._reachable(source, positions.get(source, 0)) for source in self.partitions()}

    def _reachable(self, source: TopicPartition, position: int) -> int:
        return position if position <= len(self._cluster.records(source)) else 0

    def poll(self, timeout_seconds: float, max_messages: int) -> list[Message]:
        """See ``RecordSource``; never waits."""
        if not self._cluster.available:
            return []
        if self._cluster.id != self._sought_on:
            raise ClusterChangedError(f"cluster {self._cluster.id} instead of {self._sought_on}")
        messages: list[Message] = []
        for source, position in self._positions.items():
            taken = self._cluster.records(source)[position : position + max_messages - len(messages)]
            self._positions[source] += len(taken)
            messages += taken
        return messages

    def lag(self) -> dict[TopicPartition, int | None]:
        """See ``RecordSource``."""
        if not self._cluster.available:
            return dict.fromkeys(self._positions)
        return {source: len(self._cluster.records(source)) - at for source, at in self._positions.items()}

    def close(self) -> None:
        """See ``RecordSource``."""


class MemoryPublisher:
    """``Publisher`` into a ``MemoryCluster``."""

    def __init__(self, cluster: MemoryCluster) -> None:
        self._cluster = cluster

    def publish(self, topic: str, value: bytes, key: str | None = None, partition: int | None = None) -> None:
        """See ``Publisher``."""
        encoded = None if key is None else key.encode()
        if partition is None:
            partition = zlib.crc32(encoded or b"") % self.partition_count(topic)
        self._cluster.append(TopicPartition(topic, partition), encoded, value)

    def flush(self, timeout_seconds: float) -> None:
        """See ``Publisher``."""

    def partition_count(self, topic: str) -> int:
        """See ``Publisher``."""
        if not self._cluster.partitions(topic):
            raise BrokerUnavailableError(f"topic {topic} does not exist")
        return len(self._cluster.partitions(topic))

    def close(self) -> None:
        """See ``Publisher``."""
