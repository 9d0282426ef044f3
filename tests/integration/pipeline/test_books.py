"""Every term of the books equals what was sent, and every rejected message has one dead letter."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from generator.account import Sent
from generator.disturbances import Disturbances
from generator.recording import Recording, open_recording
from generator.replay import Replay
from generator.sample import write_sample
from generator.timeline import shift_ms
from local.broker import Broker
from tests.integration.pipeline.pipeline import Pipeline, good_event, pipeline

DISTURBED = Disturbances(duplicates=0.02, broken=0.01, disorder_seconds=5, future=1, late=7, seed=3)


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    write_sample(tmp_path / "sample.csv.gz", rows=20_000)
    return open_recording(tmp_path / "sample.csv.gz")


def send_disturbed(running: Pipeline, recording: Recording) -> Sent:
    """Send all but the late events, let the watermark pass them, then send them."""
    now = datetime.now(UTC)
    replay = Replay(recording, DISTURBED, shift_ms(recording, "now", None, now), now)
    replay.send_at_full_speed(running.raw_events)
    running.sent = replay.sent.messages
    running.settle()
    for number in range(2):  # a batch judges lateness by the watermark of the batch before it
        running.send([good_event(f"after-{number}", datetime.now(UTC))])
        running.settle()
    replay.send_late(running.raw_events)
    running.sent += DISTURBED.late
    return replay.sent


def test_every_class_is_exactly_what_was_sent(
    spark: SparkSession, broker: Broker, recording: Recording, tmp_path: Path
) -> None:
    with pipeline(spark, broker.address, tmp_path, watermark_delay_seconds=3600, max_events_per_batch=8_000) as running:
        sent = send_disturbed(running, recording)
        books = running.settle()
        assert books["counted"] == sent.good + 2
        assert books["duplicate"] == sent.duplicate
        assert (books["late"], books["future"]) == (sent.late, sent.future) == (7, 1)
        assert books["invalid"] == sum(sent.invalid.values())
        assert (books["unaccounted"], books["lost"]) == (0, 0)
        assert books["received"] == books["offsets_read"] == sent.messages + 2
        letters = running.letters_by_reason(books["invalid"] + books["future"])
        assert letters == {**{str(reason): number for reason, number in sent.invalid.items()}, "future": 1}
