"""How often the model may be asked: calls in a minute, and attempts for one set of members."""

from collections import deque
from dataclasses import dataclass

MAX_ATTEMPTS = 3
"""Questions about the same set of members of an incident."""

PAUSES_SECONDS = (30.0, 120.0)
"""Pauses after the first and the second attempt that brought no text."""

_MINUTE_SECONDS = 60.0


class CallBudget:
    """At most so many calls in any 60 seconds."""

    def __init__(self, calls_per_minute: int) -> None:
        self._starts: deque[float] = deque(maxlen=calls_per_minute)

    def allows(self, at_seconds: float) -> bool:
        """Whether a call may start at a moment of a monotonic clock."""
        is_full = len(self._starts) == self._starts.maxlen
        return not is_full or at_seconds - self._starts[0] >= _MINUTE_SECONDS

    def spend(self, at_seconds: float) -> None:
        """Note that a call starts."""
        self._starts.append(at_seconds)


@dataclass(slots=True)
class Attempts:
    """The questions about one set of members. ``problems`` are those of the last text that was refused."""

    members: frozenset[str]
    started: int = 0
    is_under_way: bool = False
    not_before_seconds: float = 0.0
    was_refused: bool = False
    problems: tuple[str, ...] = ()

    @property
    def are_used_up(self) -> bool:
        """Whether nothing more can come of them."""
        return self.started >= MAX_ATTEMPTS and not self.is_under_way

    def may_start(self, at_seconds: float) -> bool:
        """Whether the next question may be asked at a moment of a monotonic clock."""
        return self.started < MAX_ATTEMPTS and not self.is_under_way and at_seconds >= self.not_before_seconds

    def start(self) -> None:
        """Note that a question is asked."""
        self.started += 1
        self.is_under_way = True

    def succeed(self) -> None:
        """Note that the question brought a text."""
        self.is_under_way = False

    def fail(self, at_seconds: float, problems: tuple[str, ...], *, refused: bool) -> None:
        """Note that the question brought no text that can be published."""
        self.is_under_way = False
        self.not_before_seconds = at_seconds + PAUSES_SECONDS[min(self.started, len(PAUSES_SECONDS)) - 1]
        if refused:
            self.was_refused, self.problems = True, problems
