"""``raw_events`` on a broker, at volume: confluent-kafka is twenty times as fast as ``runtime.kafka``'s client."""

import logging
from collections.abc import Sequence
from typing import Any

from confluent_kafka import KafkaError, Message, Producer

from contracts.topics import RAW_EVENTS
from generator.producer import DELIVERY_TIMEOUT_SECONDS, partition_count, producer_settings
from generator.raw_events import Lanes
from runtime.topic_log import PublishError

CONNECT_TIMEOUT_SECONDS = 10.0
_QUEUE_FULL_WAIT_SECONDS = 0.1

logger = logging.getLogger(__name__)


class KafkaRawEvents:
    """``RawEvents`` on a broker, over one idempotent producer."""

    def __init__(
        self, bootstrap: str, topic: str = RAW_EVENTS.name, connect_timeout_seconds: float = CONNECT_TIMEOUT_SECONDS
    ) -> None:
        """Connect.

        Raises:
            BrokerUnavailableError: no broker answers, or it does not have the topic.
        """
        self._topic = topic
        self._failed = 0
        self._first_failure = ""
        self._producer = Producer(self._settings(bootstrap), logger=logger)
        self._lanes = Lanes(partition_count(self._producer, bootstrap, topic, connect_timeout_seconds))

    def send(self, values: Sequence[bytes | None]) -> None:
        """See ``RawEvents``."""
        for partition, lane in enumerate(self._lanes.deal(values)):
            self._queue([{"value": value} for value in lane], partition)
        self._producer.poll(0)
        self._check()

    def flush(self) -> None:
        """See ``RawEvents``."""
        left = self._producer.flush(DELIVERY_TIMEOUT_SECONDS + 5)
        if left:
            self._fail(f"not acknowledged within {DELIVERY_TIMEOUT_SECONDS} s", left)
        self._check()

    def _settings(self, bootstrap: str) -> dict[str, Any]:
        return producer_settings(bootstrap, "generator-replay", DELIVERY_TIMEOUT_SECONDS) | {
            # A Python call for each of 300,000 successes would cost more than sending them.
            "delivery.report.only.error": True,
            "on_delivery": self._delivery_failed,
        }

    def _queue(self, records: list[dict[str, Any]], partition: int) -> None:
        while records:
            self._producer.produce_batch(self._topic, records, partition)
            records = self._still_to_queue(records)
            if records:
                self._producer.poll(_QUEUE_FULL_WAIT_SECONDS)

    def _still_to_queue(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        refused = [(record, record["_error"]) for record in records if "_error" in record]
        for _, error in refused:
            if error.code() != KafkaError._QUEUE_FULL:
                self._fail(error.str(), 1)
        return [{"value": record["value"]} for record, error in refused if error.code() == KafkaError._QUEUE_FULL]

    def _delivery_failed(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._fail(error.str(), 1)

    def _fail(self, why: str, number: int) -> None:
        self._failed += number
        self._first_failure = self._first_failure or why

    def _check(self) -> None:
        if self._failed:
            raise PublishError(f"{self._failed:,} messages were not delivered: {self._first_failure}")
