"""How often the model may be asked: calls in a minute, and attempts for one set of members."""

from collections import deque
from dataclasses import dataclass

MAX_ATTEMPTS = 3
"""Questions about the same set of members of an incident."""

MAX_REFUSALS = 2
"""Texts about the same set of members that are refused: the first answer, and one retry that names the fault."""

PAUSES_SECONDS = (30.0, 120.0)
"""Pauses after the first and the second attempt that brought no answer. A text that was refused is retried at once."""

FAILURES_THAT_OPEN = 3
"""Questions in a row without an answer, after which the model is left alone for a while."""

FIRST_REST_SECONDS = 60.0
LONGEST_REST_SECONDS = 900.0
"""How long it is left alone: at first, and at most, doubled each time that it fails again after its rest."""

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


class CircuitBreaker:
    """Leaves a model alone that does not answer: every question would only cost the time limit.

    After its rest one question is asked; an answer of any kind, also one that is refused, closes the circuit.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._rest_seconds = FIRST_REST_SECONDS
        self._closed_from_seconds = 0.0

    def allows(self, at_seconds: float) -> bool:
        """Whether a question may be asked at a moment of a monotonic clock."""
        return at_seconds >= self._closed_from_seconds

    def note(self, at_seconds: float, *, answered: bool) -> None:
        """Note how a question ended."""
        if answered:
            self._failures, self._rest_seconds = 0, FIRST_REST_SECONDS
            return
        self._failures += 1
        if self._failures >= FAILURES_THAT_OPEN:
            self._closed_from_seconds = at_seconds + self._rest_seconds
            self._rest_seconds = min(2 * self._rest_seconds, LONGEST_REST_SECONDS)


@dataclass(slots=True)
class Attempts:
    """The questions about one set of members. ``problems`` are those of the last text that was refused."""

    members: frozenset[str]
    started: int = 0
    is_under_way: bool = False
    not_before_seconds: float = 0.0
    refusals: int = 0
    problems: tuple[str, ...] = ()

    @property
    def are_used_up(self) -> bool:
        """Whether nothing more can come of them."""
        return (self.started >= MAX_ATTEMPTS or self.refusals >= MAX_REFUSALS) and not self.is_under_way

    @property
    def was_refused(self) -> bool:
        """Whether a text was refused."""
        return self.refusals > 0

    def may_start(self, at_seconds: float) -> bool:
        """Whether the next question may be asked at a moment of a monotonic clock."""
        return not self.are_used_up and not self.is_under_way and at_seconds >= self.not_before_seconds

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
        if refused:
            self.refusals, self.problems = self.refusals + 1, problems
        else:
            self.not_before_seconds = at_seconds + PAUSES_SECONDS[min(self.started, len(PAUSES_SECONDS)) - 1]
