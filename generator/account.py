"""What was sent, by what the platform must make of it.

Every message carries its kind from the place where it is made, and is added to the account when it is sent: the account
is right at any moment, also after an interruption.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from contracts.event import Reason


class Kind(StrEnum):
    """What the platform must make of a message that is an event. All others have the reason of their rejection."""

    GOOD = "good"
    DUPLICATE = "duplicate"
    LATE = "late"


class Message(NamedTuple):
    """One record to be sent when the recording's clock, in milliseconds since 1970 UTC, shows ``leaves_ms``."""

    leaves_ms: int
    value: bytes | None
    kind: Kind | Reason


_kind_of = attrgetter("kind")


class Sent:
    """The account, in the classes of the platform's books (``batch_end``)."""

    def __init__(self) -> None:
        self._counts: Counter[Kind | Reason] = Counter()

    def add(self, messages: Iterable[Message]) -> None:
        """Enter messages that were sent."""
        self._counts.update(map(_kind_of, messages))

    @property
    def good(self) -> int:
        """Distinct events to be counted."""
        return self._counts[Kind.GOOD]

    @property
    def duplicate(self) -> int:
        """Repeats of good events."""
        return self._counts[Kind.DUPLICATE]

    @property
    def late(self) -> int:
        """Events older than any watermark that the stream can have reached."""
        return self._counts[Kind.LATE]

    @property
    def future(self) -> int:
        """Events whose clock is a day ahead."""
        return self._counts[Reason.FUTURE]

    @property
    def invalid(self) -> dict[Reason, int]:
        """Messages that are no events, by the reason of their rejection; only reasons that occurred."""
        return {reason: self._counts[reason] for reason in Reason if reason != Reason.FUTURE and self._counts[reason]}

    @property
    def messages(self) -> int:
        """All messages: the sum of the classes."""
        return self._counts.total()
