"""What every producer of events has in common: its settings, and that the topic is there."""

from typing import Any

from confluent_kafka import KafkaException, Producer

from runtime.topic_log import BrokerUnavailableError

DELIVERY_TIMEOUT_SECONDS = 60
"""How long a message is tried before it counts as not delivered."""


def producer_settings(bootstrap: str, client_id: str, delivery_timeout_seconds: float) -> dict[str, Any]:
    """Return the settings of a producer of events."""
    return {
        "bootstrap.servers": bootstrap,
        "client.id": client_id,
        "acks": "all",
        "enable.idempotence": True,
        "linger.ms": 20,
        # Takes a third off the time of sending where the broker shares the cores: less to copy and to write.
        "compression.type": "lz4",
        # A broker that goes away is tried again, and logged, every two seconds instead of many times a second.
        "reconnect.backoff.ms": 2000,
        "message.timeout.ms": round(delivery_timeout_seconds * 1000),
    }


def partition_count(producer: Producer, bootstrap: str, topic: str, timeout_seconds: float) -> int:
    """Return how many partitions a topic has.

    Raises:
        BrokerUnavailableError: no broker answers, or it does not have the topic.
    """
    try:
        topics = producer.list_topics(timeout=timeout_seconds).topics
    except KafkaException as error:
        raise BrokerUnavailableError(f"no broker answers at {bootstrap}") from error
    if topic not in topics or not topics[topic].partitions:
        raise BrokerUnavailableError(f"the broker at {bootstrap} does not have the topic {topic}")
    return len(topics[topic].partitions)
