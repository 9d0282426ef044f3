"""Every window of a recording is exactly what plain SQL over the file says."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from generator.disturbances import Disturbances
from generator.recording import open_recording
from generator.replay import Replay
from generator.sample import write_sample
from local.broker import Broker
from local.paths import REPOSITORY
from tests.integration.pipeline.exactness import load_exact, wrong_counts, wrong_quantiles, wrong_sums
from tests.integration.pipeline.pipeline import pipeline

RECORDED = REPOSITORY.parent / "shared" / "data"
FILES = ["sample", "events_2023-01-29_nezha_mit.csv.gz", "events_2022-08-23_nezha_mit.csv.gz"]


@pytest.fixture(params=FILES)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "sample":
        write_sample(tmp_path / "sample.csv.gz")
        return tmp_path / "sample.csv.gz"
    recorded: Path = RECORDED / request.param
    if not recorded.exists():
        pytest.skip(f"the recorded data is not beside this checkout: ../shared/data/{request.param}")
    return recorded


def test_a_replayed_recording_is_counted_exactly(
    spark: SparkSession, broker: Broker, path: Path, tmp_path: Path
) -> None:
    recording = open_recording(path)
    delay = recording.span_ms // 1000 + 3600
    with pipeline(
        spark, broker.address, tmp_path, watermark_delay_seconds=delay, max_events_per_batch=50_000
    ) as running:
        replay = Replay(recording, Disturbances(), shift_ms=0, now=datetime.now(UTC))
        replay.send_at_full_speed(running.raw_events)
        running.sent = recording.row_count
        books = running.settle()
        assert load_exact(running.cursor, path) > 200
        assert (books["counted"], books["late"], books["unaccounted"]) == (recording.row_count, 0, 0)
        assert wrong_counts(running.cursor) == 0
        assert wrong_sums(running.cursor) == 0
        assert wrong_quantiles(running.cursor) == 0
