"""Every implementation of the topic log, each behind the same few operations.

The real one runs on one broker for all tests; each test has a topic of its own.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Protocol
from uuid import uuid4

import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from contracts.topics import AGGREGATED_METRICS, Topic
from local.broker import Broker
from local.jars import BROKER
from local.java import find_java
from local.ports import free_ports
from runtime.kafka import KafkaPublisher, KafkaSource
from runtime.memory import MemoryCluster, MemoryPublisher, MemorySource
from runtime.topic_log import Publisher, RecordSource, TopicPartition

PARTITIONS = 3


class TopicLog(Protocol):
    """A broker with one topic of ``PARTITIONS`` partitions."""

    topic: str

    def source(self) -> RecordSource:
        """Return a new reader of the topic."""
        ...

    def publisher(self) -> Publisher:
        """Return a new writer."""
        ...

    def away(self) -> AbstractContextManager[None]:
        """Keep the broker from answering for the length of a block."""
        ...


class MemoryLog:
    def __init__(self, topic: Topic) -> None:
        self.topic = topic.name
        self.cluster = MemoryCluster([topic])

    def source(self) -> RecordSource:
        return MemorySource(self.cluster, [self.topic])

    def publisher(self) -> Publisher:
        return MemoryPublisher(self.cluster)

    @contextmanager
    def away(self) -> Iterator[None]:
        self.cluster.available = False
        yield
        self.cluster.available = True


class KafkaLog:
    def __init__(self, topic: Topic, broker: Broker) -> None:
        self.topic, self._address, self._broker = topic.name, broker.address, broker

    def source(self) -> RecordSource:
        return KafkaSource(self._address, [self.topic], "conformance")

    def publisher(self) -> Publisher:
        return KafkaPublisher(self._address, "conformance")

    @contextmanager
    def away(self) -> Iterator[None]:
        pid = self._broker.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    port, controller_port = free_ports(2)
    data_dir = tmp_path_factory.mktemp("kafka")
    broker = Broker(data_dir, port, controller_port, find_java().executable, BROKER.directory)
    broker.start()
    broker.wait_until_ready(60)
    yield broker
    broker.stop()


@pytest.fixture(params=["memory", "kafka"])
def log(request: pytest.FixtureRequest) -> Iterator[TopicLog]:
    topic = replace(AGGREGATED_METRICS, name=f"conformance_{uuid4().hex}", partitions=PARTITIONS)
    if request.param == "memory":
        yield MemoryLog(topic)
        return
    broker: Broker = request.getfixturevalue("kafka")
    admin = KafkaAdminClient(bootstrap_servers=broker.address)
    admin.create_topics([NewTopic(topic.name, topic.partitions, 1, topic_configs=topic.config())])
    yield KafkaLog(topic, broker)
    admin.delete_topics([topic.name])
    admin.close()


@pytest.fixture
def publisher(log: TopicLog) -> Iterator[Publisher]:
    publisher = log.publisher()
    yield publisher
    publisher.close()


@pytest.fixture
def source(log: TopicLog) -> Iterator[RecordSource]:
    source = log.source()
    yield source
    source.close()


@pytest.fixture
def partitions(log: TopicLog) -> tuple[TopicPartition, ...]:
    return tuple(TopicPartition(log.topic, number) for number in range(PARTITIONS))
