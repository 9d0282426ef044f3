"""Alarms and labels: what a detector said and when, and what was really wrong."""

from collections.abc import Iterable
from typing import NamedTuple


class Alarm(NamedTuple):
    """One alarm of a detector, in epoch seconds.

    It is on from the moment at which it was called, not from the minute that it is about, to the end of its last bad
    window. What tells that it is over can only come later and is no part of it.
    """

    service: str
    kind: str
    start_seconds: float
    end_seconds: float


class Label(NamedTuple):
    """A fault: when it began and, where that is known, when it ended, in epoch seconds."""

    start_seconds: float
    service: str
    kind: str
    end_seconds: float | None = None


class Span(NamedTuple):
    """Time from ``start_seconds`` up to, not including, ``end_seconds``."""

    start_seconds: float
    end_seconds: float

    def holds(self, moment_seconds: float) -> bool:
        """Whether a moment lies in it."""
        return self.start_seconds <= moment_seconds < self.end_seconds


def episodes(alarms: Iterable[Alarm]) -> list[Span]:
    """Return the stretches in which any alarm is on, whatever its service: what overlaps or touches is one.

    >>> episodes([Alarm("b", "", 60, 120), Alarm("a", "", 0, 60), Alarm("a", "", 300, 360)])
    [Span(start_seconds=0, end_seconds=120), Span(start_seconds=300, end_seconds=360)]
    """
    return merged((Span(alarm.start_seconds, alarm.end_seconds) for alarm in alarms), gap_seconds=0)


def merged(spans: Iterable[Span], gap_seconds: float) -> list[Span]:
    """Return spans with those joined that lie at most ``gap_seconds`` apart."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start_seconds - joined[-1].end_seconds <= gap_seconds:
            last = joined.pop()
            joined.append(Span(last.start_seconds, max(last.end_seconds, span.end_seconds)))
        else:
            joined.append(span)
    return joined
