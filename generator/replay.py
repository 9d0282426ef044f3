"""Replay: a recording, disturbed or not, published to ``raw_events``."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from contracts.times import to_epoch_ms
from generator.account import Message, Sent
from generator.disturbances import Disturbances
from generator.disturbed_stream import DisturbedStream, late_messages
from generator.pacing import Pace
from generator.raw_events import IN_STEP, RawEvents
from generator.recording import Recording

AHEAD = timedelta(days=1)
"""Future events lie this much after the latest moment at which a replay can send them."""

_MILLISECOND = timedelta(milliseconds=1)
_IN_STEP_MS = IN_STEP // _MILLISECOND


class Replay:
    """One recording on its way. ``sent`` is the account of what was sent so far, right at any moment."""

    def __init__(self, recording: Recording, disturbances: Disturbances, shift_ms: int, now: datetime) -> None:
        """Prepare to send a recording, shifted by ``shift_ms``, from ``now`` on."""
        self.sent = Sent()
        self._recording = recording
        self._disturbances = disturbances
        self._shift_ms = shift_ms
        self._future_ms = to_epoch_ms(now) + recording.span_ms + AHEAD // _MILLISECOND

    @property
    def origin_ms(self) -> int:
        """When the shifted recording begins, in milliseconds since 1970 UTC."""
        return self._recording.first_ms + self._shift_ms

    def send(self, raw_events: RawEvents, pace: Pace, report: Callable[[int], None]) -> None:
        """Send every message but the late ones, unless the pace stops before, and wait for their acknowledgement.

        ``report`` is told the number of messages sent, after each portion.

        Raises:
            PublishError: messages were not delivered.
            RecordingError: the file has changed since it was opened.
        """
        stream = DisturbedStream(self._disturbances, self._recording.row_count, self._future_ms)
        try:
            due = pace.portions(stream.messages(self._recording.rows(self._shift_ms)))
            for portion, begins_step in _in_step(due):
                if begins_step:
                    raw_events.flush()
                raw_events.send([message.value for message in portion])
                self.sent.add(portion)
                report(self.sent.messages)
        finally:
            raw_events.flush()

    def send_at_full_speed(self, raw_events: RawEvents, report: Callable[[int], None] = lambda _sent: None) -> None:
        """Do what ``send`` does, without waiting and without being stopped."""
        self.send(raw_events, Pace(None, self.origin_ms, lambda _seconds: False), report)

    def send_late(self, raw_events: RawEvents) -> None:
        """Send the late events and wait for their acknowledgement. The platform must have read the others before.

        Raises:
            PublishError: messages were not delivered.
        """
        first = next(self._recording.rows(self._shift_ms))
        late = late_messages(first, self._recording.span_ms, self._disturbances.late)
        raw_events.send([message.value for message in late])
        self.sent.add(late)
        raw_events.flush()


def _in_step(portions: Iterable[list[Message]]) -> Iterator[tuple[list[Message], bool]]:
    """Cut portions where a step of ``IN_STEP`` begins; say of each part whether it begins one."""
    step_end_ms: int | None = None
    for portion in portions:
        begin, begins_step = 0, False
        for at, message in enumerate(portion):
            if step_end_ms is None or message.leaves_ms >= step_end_ms:
                if at > begin:
                    yield portion[begin:at], begins_step
                begin, begins_step = at, True
                step_end_ms = message.leaves_ms + _IN_STEP_MS
        yield portion[begin:], begins_step
