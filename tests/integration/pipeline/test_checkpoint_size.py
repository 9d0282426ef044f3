"""The checkpoint does not grow for ever: the state store's background work succeeds."""

from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import SparkSession

from local.broker import Broker
from tests.integration.pipeline.pipeline import good_event, pipeline

BATCHES = 14
"""More than the ten changes after which the state store writes a snapshot."""


def test_state_is_saved_whole_and_no_checksum_file_is_written(
    spark: SparkSession, broker: Broker, tmp_path: Path
) -> None:
    with pipeline(spark, broker.address, tmp_path) as running:
        for batch in range(BATCHES):
            running.send([good_event(f"{batch}", datetime.now(UTC))])
            running.settle()
        running.apply_until(lambda: any((tmp_path / "checkpoints").rglob("state/*/*/*.zip")))
    assert not list((tmp_path / "checkpoints").rglob("*.crc"))
