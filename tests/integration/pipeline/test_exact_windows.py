"""Every window of a recording is exactly what plain SQL over the file says."""

from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from contracts.records import WindowUpdate
from contracts.topics import AGGREGATED_METRICS
from detector.decoding import decode
from detector.reading import counts_of
from detector.windows import OpenWindows, WindowCounts
from evaluation.counting import Counting
from generator.disturbances import Disturbances
from generator.recording import Recording, open_recording
from generator.replay import Replay
from generator.sample import write_sample
from local.broker import Broker
from local.paths import REPOSITORY
from runtime.history import read_to_end
from runtime.kafka import KafkaSource
from tests.integration.pipeline.exactness import load_exact, wrong_counts, wrong_quantiles, wrong_sums
from tests.integration.pipeline.pipeline import pipeline

RECORDED = REPOSITORY.parent / "shared" / "data"
FILES = ["sample", "events_2023-01-29_nezha_mit.csv.gz", "events_2022-08-23_nezha_mit.csv.gz"]


Counts = dict[tuple[datetime, str, str], dict[tuple[int, int, int], tuple[int, int]]]
"""Requests in the first and in the second third of a minute, by series, and by bucket with its counts."""


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
    assert seen_by_the_detector(broker.address) == counted_here(recording)


def seen_by_the_detector(address: str) -> Counts:
    """Return what the topic says of every window: requests, errors, and when in the minute they came."""
    with closing(KafkaSource(address, [AGGREGATED_METRICS.name], "test")) as source:
        records = [decode(message.value) for message in read_to_end(source)]
    return merged(counts_of(record) for record in records if isinstance(record, WindowUpdate))


def counted_here(recording: Recording) -> Counts:
    """Count the recording without Kafka and Spark."""
    counting = Counting()
    minutes = groupby(recording.rows(), key=lambda row: row.event_time_ms // 60_000)
    return merged(each for _, rows in minutes for each in counting.batch(list(rows)).counts)


def merged(counts: Iterable[WindowCounts]) -> Counts:
    windows = OpenWindows(counts).counts()
    return {each[:3]: dict(zip(each.buckets, each.arrivals, strict=True)) for each in windows}
