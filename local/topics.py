"""The platform's topics on a broker: created, compared with the contract, and brought up to it where that is safe."""

import socket
from collections.abc import Sequence
from typing import Any

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError

from contracts.topics import ALL_TOPICS, Topic
from local.errors import LocalError

CONNECT_TIMEOUT_SECONDS = 1.0
REQUEST_TIMEOUT_MILLISECONDS = 10_000
SAFE_TO_ALTER = frozenset({"retention.ms"})
"""Settings that change no record that is already there, nor what its fields mean."""


class TopicsError(LocalError):
    """The broker refused to create or alter a topic, or did not answer."""


def answers(host: str, port: int) -> bool:
    """Whether a broker listens there and is part of a cluster."""
    try:
        socket.create_connection((host, port), timeout=CONNECT_TIMEOUT_SECONDS).close()
        with _admin(f"{host}:{port}") as admin:
            return bool(admin.describe_cluster()["brokers"])
    except (OSError, KafkaError):
        return False


def ensure_topics(address: str, topics: Sequence[Topic] = ALL_TOPICS) -> list[str]:
    """Create missing topics and bring existing ones up to the contract, any number of times.

    Args:
        address: bootstrap servers.
        topics: what has to exist.

    Returns:
        One line for each thing that was created, altered or found to differ without a safe way to alter it.

    Raises:
        TopicsError: the broker refused or did not answer.
    """
    try:
        with _admin(address) as admin:
            existing = set(admin.list_topics())
            created = _create(admin, [topic for topic in topics if topic.name not in existing])
            return created + [line for topic in topics if topic.name in existing for line in _align(admin, topic)]
    except KafkaError as error:
        raise TopicsError(f"The topics on {address} could not be brought into place: {error}") from error


def _admin(address: str) -> KafkaAdminClient:
    return KafkaAdminClient(
        bootstrap_servers=address,
        bootstrap_timeout_ms=REQUEST_TIMEOUT_MILLISECONDS,
        request_timeout_ms=REQUEST_TIMEOUT_MILLISECONDS,
    )


def _create(admin: KafkaAdminClient, topics: Sequence[Topic]) -> list[str]:
    if not topics:
        return []
    wanted = {
        # -1 is the broker's own default: 1 here, what the operators chose on a cluster.
        topic.name: {"num_partitions": topic.partitions, "replication_factor": -1, "configs": topic.config()}
        for topic in topics
    }
    try:
        admin.create_topics(wanted, wait_for_metadata=True)
    except TopicAlreadyExistsError:
        admin.wait_for_topics(list(wanted))  # another process was first
    return [f"created {topic.name}, partitions: {topic.partitions}" for topic in topics]


def _align(admin: KafkaAdminClient, topic: Topic) -> list[str]:
    return [*_align_partitions(admin, topic), *_align_config(admin, topic)]


def _align_partitions(admin: KafkaAdminClient, topic: Topic) -> list[str]:
    count = len(admin.describe_topics([topic.name])[0]["partitions"])
    if count < topic.partitions:
        admin.create_partitions({topic.name: topic.partitions})
        return [f"{topic.name}: partitions raised from {count} to {topic.partitions}"]
    if count > topic.partitions:
        return [f"{topic.name} has {count} partitions, the contract says {topic.partitions}: partitions only ever grow"]
    return []


def _align_config(admin: KafkaAdminClient, topic: Topic) -> list[str]:
    described: dict[str, Any] = admin.describe_configs(
        [ConfigResource(ConfigResourceType.TOPIC, topic.name)], config_filter="all"
    )["topic"][topic.name]
    wanted = {name: value for name, value in topic.config().items() if described[name]["value"] != value}
    safe = {name: value for name, value in wanted.items() if name in SAFE_TO_ALTER}
    if safe:
        _alter_config(admin, topic, safe)
    return [
        f"{topic.name}: {name} altered from {described[name]['value']} to {value}" if name in safe
        else f"{topic.name} has {name} = {described[name]['value']}, the contract says {value}: delete and recreate it"
        for name, value in wanted.items()
    ]  # fmt: skip


def _alter_config(admin: KafkaAdminClient, topic: Topic, settings: dict[str, str]) -> None:
    answer = admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, settings)])
    result = answer["topic"][topic.name]
    if result != "OK":
        raise TopicsError(f"The broker refused {settings} for the topic {topic.name}: {result}")
