import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from contracts.topics import ALL_TOPICS, DEAD_LETTERS, RAW_EVENTS
from local.broker import Broker, BrokerError
from local.jars import BROKER
from local.java import find_java
from local.paths import REPOSITORY
from local.ports import LOOPBACK, PortTakenError, free_ports
from local.topics import ensure_topics

READY_SECONDS = 60


def new_broker(data_dir: Path) -> Broker:
    port, controller_port = free_ports(2)
    return Broker(data_dir, port, controller_port, find_java().executable, BROKER.directory)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    broker = new_broker(tmp_path_factory.mktemp("broker"))
    try:
        broker.start()
        broker.wait_until_ready(READY_SECONDS)
        ensure_topics(broker.address)
        yield broker
    finally:
        broker.stop()


@pytest.fixture
def admin(broker: Broker) -> Iterator[KafkaAdminClient]:
    with KafkaAdminClient(bootstrap_servers=broker.address) as admin:
        yield admin


def config_of(admin: KafkaAdminClient, topic: str) -> dict[str, str]:
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    described = admin.describe_configs([resource], config_filter="all")["topic"][topic]
    return {name: entry["value"] for name, entry in described.items()}


def test_every_topic_has_the_shape_that_the_contract_says(admin: KafkaAdminClient) -> None:
    described = {topic["name"]: topic for topic in admin.describe_topics([topic.name for topic in ALL_TOPICS])}
    for topic in ALL_TOPICS:
        assert len(described[topic.name]["partitions"]) == topic.partitions
        assert topic.config().items() <= config_of(admin, topic.name).items()


def test_topics_that_are_right_are_left_alone(broker: Broker) -> None:
    assert ensure_topics(broker.address) == []


def test_a_changed_retention_is_put_right(broker: Broker, admin: KafkaAdminClient) -> None:
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, DEAD_LETTERS.name, {"retention.ms": "1000"})])
    lines = ensure_topics(broker.address)
    assert lines == [f"dead_letters: retention.ms altered from 1000 to {DEAD_LETTERS.config()['retention.ms']}"]
    assert ensure_topics(broker.address) == []


def test_a_changed_timestamp_type_is_reported_and_left_alone(broker: Broker, admin: KafkaAdminClient) -> None:
    resource = ConfigResource(ConfigResourceType.TOPIC, RAW_EVENTS.name, {"message.timestamp.type": "CreateTime"})
    admin.alter_configs([resource])
    (line,) = ensure_topics(broker.address)
    assert "raw_events has message.timestamp.type = CreateTime, the contract says LogAppendTime" in line
    resource.configs = {"message.timestamp.type": "LogAppendTime"}
    admin.alter_configs([resource])


def test_partitions_grow_and_never_shrink(broker: Broker, admin: KafkaAdminClient) -> None:
    admin.create_topics({"growing": {"num_partitions": 1, "replication_factor": 1}}, wait_for_metadata=True)
    growing = type(RAW_EVENTS)("growing", 3, RAW_EVENTS.retention)
    assert "growing: partitions raised from 1 to 3" in ensure_topics(broker.address, [growing])
    smaller = type(RAW_EVENTS)("growing", 2, RAW_EVENTS.retention)
    assert "growing has 3 partitions, the contract says 2" in ensure_topics(broker.address, [smaller])[0]


def test_a_taken_port_is_named_before_anything_is_written(broker: Broker, tmp_path: Path) -> None:
    second = new_broker(tmp_path / "second")
    second.port = broker.port
    with pytest.raises(PortTakenError, match=rf"port {broker.port} \(Kafka clients\) .*process {broker.pid}: .*java"):
        second.start()
    assert not second.data_dir.exists()


def test_the_broker_is_not_reachable_from_other_machines(broker: Broker) -> None:
    with socket.socket() as other_interface:
        other_interface.bind(("127.0.0.2", broker.port))


def test_missing_jars_are_named_before_anything_is_written(tmp_path: Path) -> None:
    broker = new_broker(tmp_path / "data")
    broker.jars = tmp_path
    with pytest.raises(BrokerError, match="make setup"):
        broker.start()
    assert not broker.data_dir.exists()


def produce(address: str, count: int) -> None:
    producer = Producer({"bootstrap.servers": address, "acks": "all", "log_level": 0})
    for number in range(count):
        producer.produce(RAW_EVENTS.name, str(number).encode())
    assert producer.flush(30) == 0


def consume(address: str, count: int) -> set[int]:
    consumer = Consumer({"bootstrap.servers": address, "group.id": "check", "auto.offset.reset": "earliest"})
    consumer.subscribe([RAW_EVENTS.name])
    deadline, values = time.monotonic() + 30, set[int]()
    while len(values) < count and time.monotonic() < deadline:
        values |= {int(message.value() or b"") for message in consumer.consume(count, 0.5) if message.error() is None}
    consumer.close()
    return values


def test_acknowledged_records_survive_a_kill_and_a_move_to_other_ports(tmp_path: Path) -> None:
    broker = new_broker(tmp_path)
    try:
        broker.start()
        broker.wait_until_ready(READY_SECONDS)
        ensure_topics(broker.address)
        produce(broker.address, 1000)
        broker.kill()
        broker.port, broker.controller_port = free_ports(2)
        broker.start()
        broker.wait_until_ready(READY_SECONDS)
        assert consume(broker.address, 1000) == set(range(1000))
        assert ensure_topics(broker.address) == []
    finally:
        broker.stop()


def test_a_broker_that_ends_during_its_start_is_explained_by_its_log(broker: Broker, tmp_path: Path) -> None:
    second = new_broker(tmp_path)
    (tmp_path / "storage").mkdir()
    second.start()
    with pytest.raises(BrokerError, match=r"(?s)ended with exit code 1.*broker\.log.*No readable meta\.properties"):
        second.wait_until_ready(READY_SECONDS)
    second.stop()


def test_the_command_runs_in_the_foreground_until_sigterm(tmp_path: Path) -> None:
    port, controller_port = free_ports(2)
    settings = {"DATA_DIR": str(tmp_path), "KAFKA_PORT": str(port), "KAFKA_CONTROLLER_PORT": str(controller_port)}
    lines = []
    with subprocess.Popen(
        [sys.executable, "-m", "local.broker"],
        cwd=REPOSITORY, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True,
    ) as command:  # fmt: skip
        assert command.stdout is not None
        for line in command.stdout:
            lines.append(line)
            if "is ready at" in line:
                command.send_signal(signal.SIGTERM)
    assert command.returncode == 0
    assert f"Kafka is ready at {LOOPBACK}:{port}" in "".join(lines)
    assert "created raw_events, partitions: 4" in "".join(lines)
