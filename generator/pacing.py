"""Pacing: when the messages of a recording are sent, and in what portions."""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from generator.account import Message

PORTION = 2_000
"""Most messages of one portion."""

SHORTEST_WAIT_SECONDS = 0.01
"""Messages due within this time leave together."""

LONGEST_WAIT_SECONDS = 1.0
"""In a longer gap of the recording an empty portion is handed out now and then, so that the caller stays in touch."""


class Pace:
    """Hands messages out when they are due; a message is never early.

    A message is due ``(leaves_ms - origin_ms) / speed`` after the first portion was asked for; without a speed all are
    due at once. Being late once does not make later messages later.
    """

    def __init__(
        self,
        speed: float | None,
        origin_ms: int,
        wait: Callable[[float], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Set the pace.

        Args:
            speed: recorded seconds per second of the clock; None is as fast as possible.
            origin_ms: what the recording's clock, in milliseconds since 1970 UTC, shows at the start.
            wait: waits for a number of seconds and says whether to stop; with 0 it only says that.
            clock: seconds that never go back.
        """
        self._speed = speed
        self._origin_ms = origin_ms
        self._wait = wait
        self._clock = clock

    def portions(self, messages: Iterable[Message]) -> Iterator[list[Message]]:
        """Yield the messages in order, each in the portion in which it is due, until there are none or ``wait`` stops.

        A message that is not handed out when it stops was not sent: there are none in between.
        """
        if self._speed is None:
            return self._at_once(iter(messages))
        return self._timed(messages, self._speed)

    def _at_once(self, messages: Iterator[Message]) -> Iterator[list[Message]]:
        while not self._wait(0) and (portion := list(islice(messages, PORTION))):
            yield portion

    def _timed(self, messages: Iterable[Message], speed: float) -> Iterator[list[Message]]:
        start = self._clock()
        portion: list[Message] = []
        for message in messages:
            due = start + (message.leaves_ms - self._origin_ms) / 1000 / speed
            while len(portion) == PORTION or due > self._clock():
                yield portion
                portion = []
                if self._wait(_pause(due - self._clock())):
                    return
            portion.append(message)
        yield portion


def _pause(remaining: float) -> float:
    return min(max(remaining, SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS) if remaining > 0 else 0.0
