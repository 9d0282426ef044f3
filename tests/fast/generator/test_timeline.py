"""Where a replay may lie on the time line."""

from datetime import timedelta
from pathlib import Path

import pytest

from contracts.times import from_epoch_ms
from generator.recording import Recording, open_recording
from generator.timeline import ReplayRefusedError, Times, refuse_on_live_stack, shift_ms

FIRST_MS = 1_700_000_000_000
LAST_MS = FIRST_MS + 29_900
NOW = from_epoch_ms(FIRST_MS) + timedelta(days=400)


@pytest.fixture
def recording(shop: Path) -> Recording:
    return open_recording(shop)


def test_original_times_are_not_shifted(recording: Recording) -> None:
    assert shift_ms(recording, "original", None, NOW) == 0


def test_at_speed_1_the_first_event_is_now(recording: Recording) -> None:
    assert from_epoch_ms(FIRST_MS + shift_ms(recording, "now", 1.0, NOW)) == NOW


@pytest.mark.parametrize("speed", [10.0, None])
def test_at_any_higher_speed_the_last_event_is_now(recording: Recording, speed: float | None) -> None:
    assert from_epoch_ms(LAST_MS + shift_ms(recording, "now", speed, NOW)) == NOW


def test_original_times_in_the_future_are_refused(recording: Recording) -> None:
    with pytest.raises(ReplayRefusedError, match="ends at 2023-11-14T22:13:49"):
        shift_ms(recording, "original", None, from_epoch_ms(FIRST_MS) - timedelta(minutes=5))


def test_a_live_stack_takes_a_replay_at_speed_1_shifted_to_now() -> None:
    refuse_on_live_stack("now", 1.0)


@pytest.mark.parametrize(("times", "speed"), [("now", None), ("now", 10.0), ("original", 1.0)])
def test_a_live_stack_takes_nothing_else(times: Times, speed: float | None) -> None:
    with pytest.raises(ReplayRefusedError, match="--times now --speed 1"):
        refuse_on_live_stack(times, speed)
