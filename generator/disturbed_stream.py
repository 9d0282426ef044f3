"""Disturbances mixed into a recording, seeded and exactly accounted for."""

import heapq
import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial
from itertools import cycle

from contracts.event import Reason
from generator.account import Kind, Message
from generator.broken_messages import BROKEN
from generator.disturbances import Disturbances
from generator.encoding import encode_event
from generator.row import Row

BEHIND = timedelta(days=30)
"""How far late events lie before everything else, and the recording's span on top: more than any watermark waits."""

SHORTLY_SECONDS = 1.0
"""Half of the duplicates come within this time; the others within ``Disturbances.repeat_within_seconds``."""

_MILLISECOND = timedelta(milliseconds=1)


class DisturbedStream:
    """Mixes disturbances into rows. One stream is read once; the same seed and rows give the same messages.

    Messages leave in the order of their time on the recording's clock. A duplicate never leaves before its original.
    """

    def __init__(self, disturbances: Disturbances, row_count: int, future_ms: int) -> None:
        """Prepare a stream of ``row_count`` rows; future events are given the time ``future_ms`` (since 1970 UTC)."""
        self._disturbances = disturbances
        self._future_ms = future_ms
        self._random = random.Random(disturbances.seed)  # noqa: S311 - a simulation that has to repeat itself
        self._future_at = Counter(self._random.choices(range(row_count), k=disturbances.future))
        self._broken = cycle(BROKEN)
        self._waiting: list[tuple[int, int, Message]] = []
        self._pushed = 0

    def messages(self, rows: Iterable[Row]) -> Iterator[Message]:
        """Yield every message but the late ones."""
        return self._mixed(rows) if self._disturbances.any_in_stream else _undisturbed(rows)

    def _mixed(self, rows: Iterable[Row]) -> Iterator[Message]:
        for position, row in enumerate(rows):
            yield from self._leaving(row.event_time_ms)
            leaves_ms = row.event_time_ms + self._up_to(self._disturbances.disorder_seconds)
            self._push_event(leaves_ms, row)
            self._push_broken(leaves_ms)
            self._push_future(leaves_ms, row, self._future_at[position])
        yield from self._leaving(math.inf)

    def _leaving(self, now_ms: float) -> Iterator[Message]:
        while self._waiting and self._waiting[0][0] <= now_ms:
            yield heapq.heappop(self._waiting)[-1]

    def _push_event(self, leaves_ms: int, row: Row) -> None:
        value = encode_event(row)
        self._push(Message(leaves_ms, value, Kind.GOOD))
        if self._happens(self._disturbances.duplicates):
            repeat = self._disturbances.repeat_within_seconds
            held_back = self._up_to(min(SHORTLY_SECONDS, repeat) if self._happens(0.5) else repeat)
            self._push(Message(leaves_ms + held_back, value, Kind.DUPLICATE))

    def _push_broken(self, leaves_ms: int) -> None:
        if self._happens(self._disturbances.broken):
            case = next(self._broken)
            self._push(Message(leaves_ms, case.message, Reason(case.verdict)))

    def _push_future(self, leaves_ms: int, row: Row, number: int) -> None:
        for copy in range(1, number + 1):
            ahead = row._replace(event_id=f"{row.event_id}-future-{copy}", event_time_ms=self._future_ms)
            self._push(Message(leaves_ms, encode_event(ahead), Reason.FUTURE))

    def _push(self, message: Message) -> None:
        self._pushed += 1
        heapq.heappush(self._waiting, (message.leaves_ms, self._pushed, message))

    def _happens(self, share: float) -> bool:
        return self._random.random() < share

    def _up_to(self, seconds: float) -> int:
        return int(self._random.random() * seconds * 1000)


def _undisturbed(rows: Iterable[Row]) -> Iterator[Message]:
    # Twice as fast as the same through the queue of waiting messages, for the replays whose speed counts.
    message, good = partial(tuple.__new__, Message), Kind.GOOD
    for row in rows:
        yield message((row.event_time_ms, encode_event(row), good))


def late_messages(first: Row, span_ms: int, number: int) -> list[Message]:
    """Return late events: copies of a stream's first row, older than the stream by more than any watermark waits.

    They are late only once the platform has a watermark, that is after it has read the stream: send them then.
    """
    event_time_ms = first.event_time_ms - span_ms - BEHIND // _MILLISECOND
    late = (
        first._replace(event_id=f"{first.event_id}-late-{copy}", event_time_ms=event_time_ms)
        for copy in range(1, number + 1)
    )
    return [Message(first.event_time_ms + span_ms, encode_event(row), Kind.LATE) for row in late]
