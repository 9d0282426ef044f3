"""The exporters are killed inside and between transactions, the broker once; the windows and the books stay exact."""

import pytest
from pyspark.sql import SparkSession

from local.broker import Broker
from local.jars import BROKER
from local.java import Java
from local.stack import Stack, answers
from local.topics import ensure_topics
from runtime.kafka import KafkaSource
from streaming.settings import StreamingSettings
from tests.integration.crashes.conftest import EVENTS_PER_BATCH, Crashing
from tests.integration.pipeline.pipeline import running_job


def job_settings(stack: Stack) -> StreamingSettings:
    return StreamingSettings(
        kafka_broker=stack.kafka,
        trigger_seconds=0.2,
        watermark_delay_seconds=86_400,
        max_events_per_batch=EVENTS_PER_BATCH,
    )


def start_broker(broker: Broker, crashing: Crashing) -> None:
    broker.start()
    crashing.brokers.append(broker)
    broker.wait_until_ready(60)
    ensure_topics(broker.address)


@pytest.mark.timeout(400)
def test_every_event_is_counted_once_when_the_store_and_the_broker_are_killed(
    spark: SparkSession, java: Java, crashing: Crashing
) -> None:
    stack, hanging = crashing.stack, "tests.integration.crashes.hanging_exporters"
    broker = Broker(
        stack.data_dir / "kafka", stack.ports.kafka, stack.ports.kafka_controller, java.executable, BROKER.directory
    )
    start_broker(broker, crashing)
    cluster_id = KafkaSource(stack.kafka, ["raw_events"], "test").cluster_id()
    crashing.replay()
    with running_job(spark, job_settings(stack), stack.data_dir, cluster_id):
        for place in ("inside", "between"):
            reached = stack.data_dir / place
            crashing.start(hanging, place, str(reached), ready=reached.exists).kill()
        broker.kill()
        start_broker(broker, crashing)
        exporters = crashing.start("exporters", ready=answers(f"{stack.exporters_url}/health"))
        crashing.wait_until_stored()
        crashing.assert_exact(exporters)
