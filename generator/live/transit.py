"""What happens to an event in transit to the topic: sent twice, held back, accompanied by a broken message.

It follows from the luck that the request was made with, so that a minute that is made again is disturbed in the same
way.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.event import Reason
from generator.account import Kind, Message
from generator.broken_messages import BROKEN
from generator.live.requests import Request

LONGEST_DELAY_MS = 8_000
"""Events are held back by less than this, in milliseconds."""

LONGEST_REPEAT_MS = 1_500
"""A duplicate leaves within this time after its original: even one of a late original is younger than 10 s."""


@dataclass(frozen=True, slots=True)
class Transit:
    """Which share of the events is sent twice, held back, and accompanied by a broken message."""

    duplicates: float = 0.0
    disorder: float = 0.0
    broken: float = 0.0

    def messages(self, request: Request, value: bytes) -> Iterator[Message]:
        """Yield the messages of an event, each with the moment at which it leaves, in milliseconds since 1970 UTC."""
        leaves_ms = request.moment_ms
        if request.delay < self.disorder:
            leaves_ms += int(request.delay / self.disorder * LONGEST_DELAY_MS)
        yield Message(leaves_ms, value, Kind.GOOD)
        if request.repetition < self.duplicates:
            later_ms = int(request.repetition / self.duplicates * LONGEST_REPEAT_MS)
            yield Message(leaves_ms + later_ms, value, Kind.DUPLICATE)
        if request.breakage < self.broken:
            case = BROKEN[int(request.breakage / self.broken * len(BROKEN))]
            yield Message(leaves_ms, case.message, Reason(case.verdict))
