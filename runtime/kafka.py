"""The topic log on a real Kafka broker, through kafka-python."""

import logging
import time
from collections.abc import Iterable, Mapping

from kafka import KafkaConsumer, KafkaProducer
from kafka import TopicPartition as KafkaPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import KafkaError
from kafka.producer.future import FutureRecordMetadata

from contracts.times import from_epoch_ms
from contracts.topics import MAX_RECORD_BYTES
from runtime.topic_log import (
    BrokerUnavailableError,
    ClusterChangedError,
    Message,
    PublishError,
    TopicPartition,
)

CONNECT_TIMEOUT_MS = 10_000
METADATA_MAX_AGE_MS = 10_000
"""How soon, in milliseconds, a wiped broker or a new partition is noticed."""
SILENT_AGES = 3
"""A broker that has let so many of these refreshes pass is away: nobody knows any more where its partitions end."""

logger = logging.getLogger(__name__)


class KafkaSource:
    """``RecordSource`` over one consumer without a group."""

    def __init__(self, bootstrap: str, topics: Iterable[str], client_id: str) -> None:
        self._topics = tuple(topics)
        self._sought_on: str | None = None
        self._positions: dict[TopicPartition, int | None] = {}
        self._consumer: KafkaConsumer | None = None
        self._settings = {
            "bootstrap_servers": bootstrap.split(","),
            "client_id": client_id,
            "group_id": None,
            "enable_auto_commit": False,
            "auto_offset_reset": "earliest",
            "allow_auto_create_topics": False,
            "metadata_max_age_ms": METADATA_MAX_AGE_MS,
            "bootstrap_timeout_ms": CONNECT_TIMEOUT_MS,
        }

    def cluster_id(self) -> str:
        """See ``RecordSource``."""
        consumer = self._connected()
        identity: str | None = consumer._client.cluster.cluster_id
        if identity is None:
            raise BrokerUnavailableError("the broker has not told its cluster id yet")
        return identity

    def partitions(self) -> tuple[TopicPartition, ...]:
        """See ``RecordSource``."""
        consumer = self._connected()
        found = []
        for topic in self._topics:
            try:
                numbers = consumer.partitions_for_topic(topic)
            except KafkaError as error:
                raise BrokerUnavailableError(f"the partitions of {topic} are not known: {error}") from error
            if not numbers:
                raise BrokerUnavailableError(f"topic {topic} does not exist on this broker yet")
            found += [TopicPartition(topic, number) for number in numbers]
        return tuple(sorted(found))

    def end_offsets(self) -> dict[TopicPartition, int]:
        """See ``RecordSource``."""
        partitions = [KafkaPartition(*source) for source in self.partitions()]
        try:
            ends = self._connected().end_offsets(partitions, timeout_ms=CONNECT_TIMEOUT_MS)
        except KafkaError as error:
            raise BrokerUnavailableError(f"the ends of {self._topics} are not known: {error}") from error
        return {TopicPartition(*source): end for source, end in ends.items()}

    def seek(self, positions: Mapping[TopicPartition, int]) -> None:
        """See ``RecordSource``."""
        consumer = self._connected()
        self._sought_on = self.cluster_id()
        partitions = self.partitions()
        consumer.assign([KafkaPartition(*source) for source in partitions])
        self._positions = {source: positions.get(source) for source in partitions}
        for source in partitions:
            if source in positions:
                consumer.seek(KafkaPartition(*source), positions[source])
            else:
                consumer.seek_to_beginning(KafkaPartition(*source))

    def poll(self, timeout_seconds: float, max_messages: int) -> list[Message]:
        """See ``RecordSource``."""
        try:
            polled = self._connected().poll(timeout_ms=int(timeout_seconds * 1000), max_records=max_messages)
            current = self.cluster_id()
        except (KafkaError, BrokerUnavailableError) as error:
            logger.warning("the broker does not answer; still trying", extra={"error": str(error)})
            return []
        if current != self._sought_on:
            raise ClusterChangedError(f"the broker is cluster {current}, positions are those of {self._sought_on}")
        messages = [_message(record) for records in polled.values() for record in records]
        self._positions |= {message.source: message.offset + 1 for message in messages}
        self._find_beginnings()
        return messages

    def _find_beginnings(self) -> None:
        """Learn where the partitions begin that were sought to their earliest record and have none: lag needs it."""
        for source, position in self._positions.items():
            if position is None:
                try:
                    self._positions[source] = self._connected().position(KafkaPartition(*source), timeout_ms=0)
                except KafkaError as error:
                    logger.debug("the beginning is not known yet", extra={**source._asdict(), "error": str(error)})

    def lag(self) -> dict[TopicPartition, int | None]:
        """See ``RecordSource``."""
        if self._is_silent():
            return dict.fromkeys(self._positions)
        return {source: self._partition_lag(source) for source in self._positions}

    def _is_silent(self) -> bool:
        # The client keeps the last known ends, and an empty poll looks the same with and without a broker. Its thread
        # asks for metadata every METADATA_MAX_AGE_MS, whatever this process does meanwhile.
        if self._consumer is None:
            return True
        answered_at_ms: float = self._consumer._client.cluster._last_successful_refresh_ms
        return 1000 * time.monotonic() - answered_at_ms > SILENT_AGES * METADATA_MAX_AGE_MS

    def _partition_lag(self, source: TopicPartition) -> int | None:
        position = self._positions[source]
        end = None if self._consumer is None else self._consumer.highwater(KafkaPartition(*source))
        return None if position is None or end is None else max(0, end - position)

    def close(self) -> None:
        """See ``RecordSource``."""
        if self._consumer is not None:
            self._consumer.close(autocommit=False)
            self._consumer = None

    def _connected(self) -> KafkaConsumer:
        if self._consumer is None:
            try:
                self._consumer = KafkaConsumer(**self._settings)
                self._consumer.topics()
            except KafkaError as error:
                self.close()
                raise BrokerUnavailableError(f"no broker at {self._settings['bootstrap_servers']}: {error}") from error
        return self._consumer


class KafkaPublisher:
    """``Publisher`` over one idempotent producer."""

    def __init__(self, bootstrap: str, client_id: str) -> None:
        try:
            self._producer = KafkaProducer(
                bootstrap_servers=bootstrap.split(","),
                client_id=client_id,
                acks="all",
                enable_idempotence=True,
                max_request_size=2 * MAX_RECORD_BYTES,
                linger_ms=5,
                bootstrap_timeout_ms=CONNECT_TIMEOUT_MS,
                max_block_ms=CONNECT_TIMEOUT_MS,
            )
        except KafkaError as error:
            raise BrokerUnavailableError(f"no broker at {bootstrap}: {error}") from error
        self._pending: list[FutureRecordMetadata] = []

    def publish(self, topic: str, value: bytes, key: str | None = None, partition: int | None = None) -> None:
        """See ``Publisher``."""
        encoded = None if key is None else key.encode()
        try:
            self._pending.append(self._producer.send(topic, value=value, key=encoded, partition=partition))
        except KafkaError as error:
            raise PublishError(f"{topic} does not take records: {error}") from error

    def flush(self, timeout_seconds: float) -> None:
        """See ``Publisher``."""
        pending, self._pending = self._pending, []
        try:
            self._producer.flush(timeout=timeout_seconds)
        except KafkaError as error:
            raise PublishError(f"not acknowledged within {timeout_seconds} s: {error}") from error
        failed = [future.exception for future in pending if future.failed()]
        if failed:
            raise PublishError(f"{len(failed)} of {len(pending)} records failed: {failed[0]}")

    def partition_count(self, topic: str) -> int:
        """See ``Publisher``."""
        try:
            return len(self._producer.partitions_for(topic))
        except KafkaError as error:
            raise BrokerUnavailableError(f"topic {topic}: {error}") from error

    def close(self) -> None:
        """See ``Publisher``."""
        self._producer.close(timeout=1)


def _message(record: ConsumerRecord) -> Message:
    source = TopicPartition(record.topic, record.partition)
    return Message(source, record.offset, from_epoch_ms(record.timestamp), record.key, record.value)
