"""Deleted checkpoints, a wiped broker and records that Kafka dropped: counted right, and said."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, TopicPartition
from pyspark.sql import SparkSession

from contracts.topics import RAW_EVENTS
from exporters.store.queries import books_row
from generator.kafka_raw_events import KafkaRawEvents
from local.broker import Broker
from local.topics import ensure_topics
from runtime.topic_log import ClusterChangedError
from tests.integration.pipeline.pipeline import good_event, pipeline, poll_until

NOW = datetime.now(UTC)


def events(prefix: str, count: int) -> list[bytes | None]:
    return [good_event(f"{prefix}-{number}", NOW) for number in range(count)]


def test_deleted_checkpoints_lose_and_double_nothing(spark: SparkSession, broker: Broker, tmp_path: Path) -> None:
    with pipeline(spark, broker.address, tmp_path) as running:
        running.send(events("a", 700))
        running.settle()
    shutil.rmtree(tmp_path / "checkpoints")
    with pipeline(spark, broker.address, tmp_path) as running:
        running.send(events("b", 300))
        running.apply_until(lambda: books_row(running.pool)["offsets_read"] == 700 + 700 + 300)
        books = books_row(running.pool)
        assert (books["requests_stored"], books["runs"], books["unaccounted"]) == (1_000, 2, 0)


def test_offsets_that_kafka_dropped_are_lost_in_the_books(spark: SparkSession, broker: Broker, tmp_path: Path) -> None:
    with pipeline(spark, broker.address, tmp_path) as running:
        running.send(events("read", 400))
        running.settle()
    unread = KafkaRawEvents(broker.address)
    unread.send(events("dropped", 200))
    unread.flush()
    admin = KafkaAdminClient(bootstrap_servers=broker.address)
    admin.delete_records({TopicPartition(RAW_EVENTS.name, partition): -1 for partition in range(RAW_EVENTS.partitions)})
    admin.close()
    with pipeline(spark, broker.address, tmp_path) as running:
        running.send(events("after", 100))
        running.sent = 700
        books = running.settle()
        assert (books["lost"], books["counted"], books["unaccounted"]) == (200, 500, 0)


@pytest.fixture
def wiped(broker: Broker, tmp_path: Path) -> Broker:
    """A broker on the same port whose disk is another."""
    return Broker(tmp_path / "other", broker.port, broker.controller_port, broker.java, broker.jars)


def test_a_wiped_broker_ends_the_job_and_its_events_add_up(
    spark: SparkSession, broker: Broker, wiped: Broker, tmp_path: Path
) -> None:
    with pipeline(spark, broker.address, tmp_path) as running:
        running.send(events("old", 400))
        running.settle()
        broker.kill()
        wiped.start()
        wiped.wait_until_ready(60)
        ensure_topics(wiped.address)
        poll_until(lambda: not running.job.is_alive())
        assert isinstance(running.job.error, ClusterChangedError)
    with pipeline(spark, wiped.address, tmp_path) as running:
        running.send(events("new", 100))
        running.apply_until(lambda: books_row(running.pool)["requests_stored"] == 500)
        assert running.rows("SELECT sum(request_count)::INT FROM service_metrics") == [(500,)]
    wiped.stop()
