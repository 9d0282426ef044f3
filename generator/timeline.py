"""Where on the time line a replay may lie, and on which stack.

A live stack takes replays only shifted to now and at speed 1: its windows are those of the present, and everything
else would be late, or would push its watermark past the events of the present. Every other replay runs on a stack of
its own whose watermark waits longer than the recording spans.
"""

from datetime import datetime
from typing import Literal

from contracts.event import FUTURE_TOLERANCE
from contracts.times import from_epoch_ms, to_epoch_ms, to_rfc3339
from generator.recording import Recording

Times = Literal["original", "now"]
REAL_TIME = 1.0


class ReplayRefusedError(ValueError):
    """The replay would spoil the stack that it is sent to; the message says why and what to do."""


def refuse_on_live_stack(times: Times, speed: float | None) -> None:
    """Admit only what a live stack takes.

    Raises:
        ReplayRefusedError: the replay is not at speed 1 or not shifted to now.
    """
    if speed != REAL_TIME or times != "now":
        raise ReplayRefusedError(
            "A live stack takes replays only with --times now --speed 1: other events would be late to it, or make its "
            "own events late. For any other replay start a stack of its own (own data directory and ports, "
            "WATERMARK_DELAY_SECONDS above the recording's span), name its broker with --broker, and add --isolated."
        )


def shift_ms(recording: Recording, times: Times, speed: float | None, now: datetime) -> int:
    """Return by how many milliseconds to shift a recording.

    At speed 1 its first event comes to lie at ``now``, so that each event is sent at its own time. At any higher speed
    its last event does: with the first one there, events would be sent before their time.

    Raises:
        ReplayRefusedError: at its original times the recording would be in the future.
    """
    if times == "now":
        return to_epoch_ms(now) - (recording.first_ms if speed == REAL_TIME else recording.last_ms)
    if from_epoch_ms(recording.last_ms) > now + FUTURE_TOLERANCE:
        last = to_rfc3339(from_epoch_ms(recording.last_ms))
        raise ReplayRefusedError(
            f"{recording.path} ends at {last}, which is in the future: the events would be rejected. Use --times now, "
            f"or correct the column ts_ms if it does not hold milliseconds since 1970."
        )
    return 0
