"""From messages to the engine: outcomes, positions, and which counts are late."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from contracts.anomalies import Anomaly
from contracts.histogram import bucket_index
from contracts.records import Bucket, Record
from detector.engine import Engine
from detector.reading import PartitionPosition, Reading
from detector.settings import DetectorSettings
from runtime.topic_log import Message, TopicPartition
from tests.fast.detector.counting import MINUTE, START
from tests.fast.detector.streamed import batch_end, update

FIRST, SECOND = TopicPartition("aggregated_metrics", 0), TopicPartition("aggregated_metrics", 1)
JUDGED = START + MINUTE + timedelta(seconds=10)


@pytest.fixture
def reading() -> Reading:
    return Reading(Engine(DetectorSettings()), "cluster", (FIRST, SECOND), {})


def messages(source: TopicPartition, *values: Record | bytes | None, first_offset: int = 0) -> list[Message]:
    encoded = [value.encode() if isinstance(value, Record) else value for value in values]
    return [Message(source, offset, START, None, value) for offset, value in enumerate(encoded, first_offset)]


def slow(minute: int = 0, service: str = "checkout", start: datetime = START) -> Record:
    return update(start + minute * MINUTE, service, "/", [Bucket(bucket_index(5.0), 100, 0, 0.0, 0.0)])


def test_a_window_is_judged_when_every_partition_has_ended_the_batch(reading: Reading) -> None:
    assert reading.take(messages(FIRST, slow(), batch_end(0, JUDGED))) == []
    assert reading.stream_time is None
    changed = reading.take(messages(SECOND, batch_end(0, JUDGED)))
    assert [anomaly.service for anomaly in changed] == ["checkout"]
    assert Reading(reading.engine, "cluster", (FIRST, SECOND), reading.positions()).stream_time == JUDGED


def test_records_are_counted_by_outcome_and_bad_ones_named(reading: Reading, caplog: pytest.LogCaptureFixture) -> None:
    end = batch_end(0, JUDGED)
    reading.take([*messages(FIRST, slow(), b"{", None, end, slow()), *messages(SECOND, end)])
    assert reading.take_outcomes() == {"applied": 3, "malformed": 2, "late": 1}
    assert reading.take_outcomes() == {}
    assert [(record.levelno, vars(record)["offset"]) for record in caplog.records] == [
        (logging.WARNING, 1), (logging.WARNING, 2),
    ]  # fmt: skip


def test_positions_are_after_the_last_message_bad_ones_included(reading: Reading) -> None:
    reading.take([*messages(FIRST, slow(), b"{", first_offset=7), *messages(SECOND, batch_end(0, JUDGED))])
    assert reading.positions() == {FIRST: PartitionPosition(9, None), SECOND: PartitionPosition(1, JUDGED)}


def test_a_reading_goes_on_at_the_stream_time_of_its_positions() -> None:
    positions = {FIRST: PartitionPosition(5, JUDGED), SECOND: PartitionPosition(5, START)}
    assert Reading(Engine(DetectorSettings()), "cluster", (FIRST, SECOND), positions).stream_time == START


def interleaved(reading: Reading, *parts: Iterable[Message]) -> list[Anomaly]:
    return [anomaly for part in parts for anomaly in reading.take(part)]


def test_late_counts_are_the_same_ones_whichever_partition_is_read_first() -> None:
    """Disorder beyond ten seconds: counts of a window after the end that closed it in their partition."""
    end, later = batch_end(0, JUDGED), batch_end(1, JUDGED + MINUTE)
    first = messages(FIRST, slow(0, "a"), end, slow(0, "late"), later)
    second = messages(SECOND, slow(0, "b"), end, later)
    orders = [(first, second), (second, first), (first[:2], second, first[2:]), (second[:2], first, second[2:])]
    found = []
    for order in orders:
        reading = Reading(Engine(DetectorSettings()), "cluster", (FIRST, SECOND), {})
        found.append(interleaved(reading, *order))
    assert {anomaly.service for anomaly in found[0]} == {"a", "b"}
    assert all(each == found[0] for each in found)


def test_the_first_and_the_last_minute_that_can_be_written_do_no_harm(reading: Reading) -> None:
    earliest, latest = datetime.fromisoformat("1970-01-01T00:00:00Z"), datetime.fromisoformat("9999-12-31T23:58:00Z")
    for moment in (earliest, latest):
        updates = messages(FIRST, slow(start=moment), batch_end(0, moment + MINUTE + timedelta(seconds=59)))
        changed = reading.take([*updates, *messages(SECOND, batch_end(0, moment + MINUTE + timedelta(seconds=59)))])
        assert [anomaly.window_start for anomaly in changed if not anomaly.resolved] == [moment]
