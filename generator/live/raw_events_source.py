"""``raw_events`` read through confluent-kafka: ``runtime.kafka``'s client cannot read how events are compressed."""

import logging
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaException
from confluent_kafka import Message as KafkaMessage
from confluent_kafka import TopicPartition as KafkaPartition

from contracts.times import from_epoch_ms
from contracts.topics import RAW_EVENTS
from runtime.topic_log import BrokerUnavailableError, Message, TopicPartition

TIMEOUT_SECONDS = 2.0

logger = logging.getLogger(__name__)


class RawEventsSource:
    """``RecordSource`` for reading once: it does not look whether the broker becomes another cluster meanwhile."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._positions: dict[TopicPartition, int] = {}
        self._ends: dict[TopicPartition, int] = {}
        settings = {
            "bootstrap.servers": bootstrap,
            "client.id": "generator-backfill",
            # The client wants a group's name although nothing is committed.
            "group.id": "generator-backfill",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
        }
        self._consumer = Consumer(settings, logger=logger)

    def cluster_id(self) -> str:
        """See ``RecordSource``."""
        return str(self._metadata().cluster_id)

    def partitions(self) -> tuple[TopicPartition, ...]:
        """See ``RecordSource``."""
        topic = self._metadata().topics.get(RAW_EVENTS.name)
        if topic is None or not topic.partitions:
            raise BrokerUnavailableError(f"the broker at {self._bootstrap} does not have the topic {RAW_EVENTS.name}")
        return tuple(TopicPartition(RAW_EVENTS.name, number) for number in sorted(topic.partitions))

    def end_offsets(self) -> dict[TopicPartition, int]:
        """See ``RecordSource``."""
        return {source: self._bounds(source)[1] for source in self.partitions()}

    def seek(self, positions: Mapping[TopicPartition, int]) -> None:
        """See ``RecordSource``."""
        for source in self.partitions():
            first, self._ends[source] = self._bounds(source)
            self._positions[source] = max(first, positions.get(source, first))
        self._consumer.assign([KafkaPartition(*source, position) for source, position in self._positions.items()])

    def poll(self, timeout_seconds: float, max_messages: int) -> list[Message]:
        """See ``RecordSource``."""
        polled = self._consumer.consume(max_messages, timeout_seconds)
        messages = [_message(record) for record in polled if record.error() is None]
        self._positions |= {message.source: message.offset + 1 for message in messages}
        return messages

    def lag(self) -> dict[TopicPartition, int | None]:
        """See ``RecordSource``; up to the ends as they were at the time of ``seek``."""
        return {source: max(0, self._ends[source] - position) for source, position in self._positions.items()}

    def close(self) -> None:
        """See ``RecordSource``."""
        self._consumer.close()

    def _metadata(self) -> Any:  # noqa: ANN401 - the client library does not export the type
        try:
            return self._consumer.list_topics(timeout=TIMEOUT_SECONDS)
        except KafkaException as error:
            raise BrokerUnavailableError(f"no broker answers at {self._bootstrap}") from error

    def _bounds(self, source: TopicPartition) -> tuple[int, int]:
        try:
            first, end = self._consumer.get_watermark_offsets(KafkaPartition(*source), timeout=TIMEOUT_SECONDS)
        except KafkaException as error:
            raise BrokerUnavailableError(f"the end of {source} is not known: {error}") from error
        return first, end


def _message(record: KafkaMessage) -> Message:
    topic, partition, offset = record.topic(), record.partition(), record.offset()
    if topic is None or partition is None or offset is None:
        raise TypeError("a record that was read has a position")
    _, epoch_ms = record.timestamp()
    return Message(TopicPartition(topic, partition), offset, from_epoch_ms(epoch_ms), record.key(), record.value())
