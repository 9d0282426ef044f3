"""What was seen on earlier days: of each hour of the last week the most extreme value of each rule.

It suppresses nothing. It says whether something was never seen before, and keeps what comes every day at the same time
from being called critical.
"""

from array import array
from dataclasses import dataclass, field

from detector.packed import FloatArray, Floats, IntegerArray, Integers
from detector.rules import RULES
from detector.scoring import Score

DAYS = 7
ROUTINE_DAYS = 2
"""On so many earlier days, at the same time of day, makes it a routine."""

_HOURS = 24 * DAYS
_MINUTES = 60


def _no_hours() -> IntegerArray:
    return array("i", [-1]) * _HOURS


def _no_extremes() -> FloatArray:
    return array("f", [0.0]) * (_HOURS * len(RULES))


@dataclass(slots=True)
class DayMemory:
    """Most extreme values by hour: highest, and lowest for a rule that looks below.

    ``hours`` says which hour since 1970 a place is of; -1 is none.
    """

    hours: Integers = field(default_factory=_no_hours)
    extremes: Floats = field(default_factory=_no_extremes)

    def add(self, minute: int, scores: tuple[Score, ...]) -> None:
        """Take in the scores of a window, by its minute since 1970."""
        hour = minute // _MINUTES
        place = hour % _HOURS
        is_first = self.hours[place] != hour
        self.hours[place] = hour
        for number, score in enumerate(scores):
            at = place * len(RULES) + number
            value = 0.0 if score.value is None else score.value
            if is_first or _is_beyond(number, value, self.extremes[at]):
                self.extremes[at] = value

    def days_known(self, minute: int) -> int:
        """Return of how many earlier days, up to a week back, anything is known."""
        hour = minute // _MINUTES
        return len({(hour - each) // 24 for each in self.hours if each >= 0 and 24 <= hour - each < _HOURS})

    def seen(self, rule: int, minute: int, value: float) -> bool:
        """Whether a value as extreme was seen on an earlier day."""
        hour = minute // _MINUTES
        return any(
            not _is_beyond(rule, value, self.extremes[place * len(RULES) + rule])
            for place, each in enumerate(self.hours)
            if each >= 0 and 20 <= hour - each < _HOURS
        )

    def is_routine(self, rule: int, minute: int, value: float) -> bool:
        """Whether a value as extreme came on several earlier days within an hour of this time of day."""
        hour = minute // _MINUTES
        days = 0
        for back in range(1, DAYS):
            near = (hour - 24 * back + step for step in (-1, 0, 1))
            days += any(self._reached(rule, each, value) for each in near)
        return days >= ROUTINE_DAYS

    def _reached(self, rule: int, hour: int, value: float) -> bool:
        place = hour % _HOURS
        return self.hours[place] == hour and not _is_beyond(rule, value, self.extremes[place * len(RULES) + rule])


def _is_beyond(rule: int, value: float, other: float) -> bool:
    return value < other if RULES[rule].looks_below else value > other
