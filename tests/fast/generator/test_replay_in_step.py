"""At full speed no partition runs ahead of another: what is not acknowledged yet spans a few seconds at most."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from generator.disturbances import Disturbances
from generator.raw_events import IN_STEP
from generator.recording import open_recording
from generator.replay import Replay
from tests.fast.generator.conftest import WriteRecording

FIRST_MS = 1_700_000_000_000


class SlowTopic:
    """Notes what is under way when more is sent; each value holds its own time."""

    def __init__(self) -> None:
        self.under_way: list[int] = []
        self.spans_ms: list[int] = []
        self.sent = 0

    def send(self, values: Sequence[bytes | None]) -> None:
        self.under_way += [_time_of(value or b"") for value in values]
        self.sent += len(values)
        if self.under_way:
            self.spans_ms.append(max(self.under_way) - min(self.under_way))

    def flush(self) -> None:
        self.under_way.clear()


def _time_of(value: bytes) -> int:
    _, _, rest = value.partition(b'"event_time":"')
    return int(datetime.fromisoformat(rest[: rest.index(b'"')].decode()).timestamp() * 1000)


def replayed(path: Path) -> SlowTopic:
    topic = SlowTopic()
    Replay(open_recording(path), Disturbances(), 0, datetime.now(UTC)).send_at_full_speed(topic)
    return topic


def test_what_is_under_way_spans_less_than_a_step(write_recording: WriteRecording) -> None:
    lines = (f"{FIRST_MS + 40 * i},checkout,/api/cart,5,t" for i in range(5_000))
    topic = replayed(write_recording(*lines))
    assert topic.sent == 5_000
    assert max(topic.spans_ms) < IN_STEP.total_seconds() * 1000


def test_a_gap_in_the_recording_is_a_step_of_its_own(write_recording: WriteRecording) -> None:
    moments = [0, 10, 3_600_000, 3_600_010, 9_000_000]
    topic = replayed(write_recording(*(f"{FIRST_MS + ms},checkout,/api/cart,5,t" for ms in moments)))
    assert topic.sent == 5
    assert max(topic.spans_ms) == 10
