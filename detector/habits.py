"""Habits: short deviations that a service has again and again, such as a job every hour or a rare slow request.

A first one is called. Where short ones return, what is short is no news: then only what lasts is.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from detector.rules import RULES

REMEMBERED_MINUTES = 360
"""For this long a deviation is remembered: so a job that runs every few hours is a habit too."""

POINTS_OF_LENGTH = {1: 2, 2: 1}
"""What an anomaly of so many minutes says about habits; from three minutes on it is a fault like any other."""

POINTS_OF_A_HABIT = 4
"""Two anomalies of one minute, or four of two, make a habit."""


CALM_BETWEEN_MINUTES = 5
"""What comes back sooner is flapping, and no habit: one fault, seen in pieces."""


class ShortAnomaly(NamedTuple):
    """An anomaly that was over after a minute or two: the rule's number, when it ended, what it says."""

    rule: int
    minute: int
    points: int


def _never() -> list[int]:
    return [-REMEMBERED_MINUTES] * len(RULES)


@dataclass(slots=True)
class Habits:
    """What a service does by itself, by rule.

    ``clear_minutes`` say when a clear window of calm time was last in the past hour, ``habit_minutes`` when a habit was
    last seen; both in minutes since 1970.
    """

    clear_minutes: list[int] = field(default_factory=_never)
    habit_minutes: list[int] = field(default_factory=_never)
    short: list[ShortAnomaly] = field(default_factory=list)

    def is_restless(self, rule: int, minute: int) -> bool:
        """Whether a rule found a clear window in calm time lately: then two of three prove nothing."""
        return minute - self.clear_minutes[rule] < REMEMBERED_MINUTES

    def has(self, rule: int, minute: int) -> bool:
        """Whether the service has a habit: then one window proves nothing, however far."""
        return minute - self.habit_minutes[rule] < REMEMBERED_MINUTES

    def saw_calm(self, restless: int, minute: int) -> None:
        """Take in the rules, a bit each, that had a clear window in the calm past hour; a habit goes on with them."""
        for rule in range(len(RULES)):
            if restless >> rule & 1:
                self.clear_minutes[rule] = minute
                if self.has(rule, minute):
                    self.habit_minutes[rule] = minute

    def ended(self, rule: int, minute: int, length_minutes: int) -> None:
        """Take in an anomaly that ended."""
        self.short = [each for each in self.short if minute - each.minute < REMEMBERED_MINUTES]
        points = POINTS_OF_LENGTH.get(length_minutes)
        if points is None:
            return
        is_flapping = any(
            each.rule == rule and minute - length_minutes - each.minute < CALM_BETWEEN_MINUTES for each in self.short
        )
        self.short.append(ShortAnomaly(rule, minute, 0 if is_flapping else points))
        if self.has(rule, minute) or sum(e.points for e in self.short if e.rule == rule) >= POINTS_OF_A_HABIT:
            self.habit_minutes[rule] = minute
