"""How recorded windows with labels are scored: by alarm episodes of any service around the moments of faults.

The rules are those that come with the recorded shop day. The first hour is warm-up. A fault is found when an episode
starts in [t - 30 s, t + 6 min]. An episode that starts elsewhere is false, merged with others over gaps of up to
5 minutes, unless it starts within [t - 60 s, t + 11 min] of a scored fault. An alarm that is stuck on finds nothing:
its episode starts once.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from evaluation.alarms import Alarm, Label, Span, episodes, merged

MINUTE = 60.0
HOUR = 3600.0
WARM_UP_SECONDS = HOUR
FOUND_BEFORE, FOUND_AFTER = 30.0, 6 * MINUTE
NEAR_BEFORE, NEAR_AFTER = MINUTE, 11 * MINUTE
MERGE_SECONDS = 5 * MINUTE
LONGEST_GAP_SECONDS = 12 * MINUTE
"""Where faults follow one another in minutes, a longer gap between two labels holds faults that nobody labelled."""


@dataclass(frozen=True, slots=True)
class Found:
    """A scored fault and after how many seconds it was called; None when it was missed."""

    label: Label
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The score of one detector on one or several recordings; counts add up over them."""

    faults: tuple[Found, ...]
    false_alarms: tuple[Span, ...]
    hours: float
    starts: int
    alarms: int
    healthy_minutes: int
    healthy_in_alarm: int
    between_minutes: int
    between_in_alarm: int

    @property
    def found(self) -> int:
        """Scored faults that were found."""
        return sum(fault.seconds is not None for fault in self.faults)

    @property
    def recall(self) -> float | None:
        """Found faults as a share of the scored ones."""
        return _ratio(self.found, len(self.faults))

    @property
    def precision(self) -> float | None:
        """Found faults as a share of found faults and false alarms."""
        return _ratio(self.found, self.found + len(self.false_alarms))

    @property
    def f1(self) -> float | None:
        """Harmonic mean of recall and precision."""
        return _ratio(2 * self.found, self.found + len(self.false_alarms) + len(self.faults))

    @property
    def false_alarms_per_hour(self) -> float | None:
        """False alarms per scored hour."""
        return _ratio(len(self.false_alarms), self.hours)

    @property
    def starts_per_fault(self) -> float | None:
        """Episode starts, wherever they are, per scored fault."""
        return _ratio(self.starts, len(self.faults))

    @property
    def alarms_per_fault(self) -> float | None:
        """Alarms of single services and types per scored fault."""
        return _ratio(self.alarms, len(self.faults))

    @property
    def healthy_share(self) -> float | None:
        """Share of healthy minutes with any alarm."""
        return _ratio(self.healthy_in_alarm, self.healthy_minutes)

    @property
    def between_share(self) -> float | None:
        """Share of the minutes between faults with any alarm."""
        return _ratio(self.between_in_alarm, self.between_minutes)

    @property
    def chance_recall(self) -> float | None:
        """The recall that random episodes at the same rate would have: 1 - exp(-rate x length of the interval)."""
        rate = _ratio(self.starts, self.hours)
        return None if rate is None else 1 - math.exp(-rate * (FOUND_BEFORE + FOUND_AFTER) / HOUR)

    def detection_seconds(self, share: float) -> float | None:
        """Return the time to detect that a share of the found faults does not exceed; None without any."""
        times = sorted(fault.seconds for fault in self.faults if fault.seconds is not None)
        return times[max(0, math.ceil(share * len(times)) - 1)] if times else None


def unlabelled(labels: Sequence[Label]) -> list[Span]:
    """Return the time between labels that is left out of everything, because it holds faults without a label.

    It is looked for only where faults follow one another in at most ``LONGEST_GAP_SECONDS`` as a rule.
    """
    pairs = [(one.start_seconds, other.start_seconds) for one, other in pairwise(sorted(labels))]
    if not pairs or median(later - earlier for earlier, later in pairs) > LONGEST_GAP_SECONDS:
        return []
    return [
        Span(earlier + FOUND_AFTER, later - NEAR_BEFORE)
        for earlier, later in pairs
        if later - earlier > LONGEST_GAP_SECONDS
    ]


def score(alarms: Sequence[Alarm], labels: Sequence[Label], span: Span) -> Figures:
    """Score the alarms on a recording.

    Args:
        alarms: of one detector, in any order.
        labels: every fault of the recording.
        span: the whole recording, warm-up included.
    """
    left_out = [Span(-math.inf, span.start_seconds + WARM_UP_SECONDS), *unlabelled(labels)]
    scored = [label for label in sorted(labels) if not _any_holds(left_out, label.start_seconds)]
    found_episodes = episodes(alarms)
    starts = [episode for episode in found_episodes if not _any_holds(left_out, episode.start_seconds)]
    minutes = [minute for minute in _minutes(span) if not _any_holds(left_out, minute)]
    near = [_near(label) for label in labels]
    healthy = [minute for minute in minutes if not _any_holds(near, minute)]
    between = [minute for minute in minutes if _any_holds(_between(labels), minute)]
    false = [each for each in starts if not _any_holds([_near(label) for label in scored], each.start_seconds)]
    return Figures(
        faults=tuple(Found(label, _seconds_to(label, starts)) for label in scored),
        false_alarms=tuple(merged(false, MERGE_SECONDS)),
        hours=len(minutes) * MINUTE / HOUR,
        starts=len(starts),
        alarms=sum(not _any_holds(left_out, alarm.start_seconds) for alarm in alarms),
        healthy_minutes=len(healthy),
        healthy_in_alarm=_in_alarm(healthy, found_episodes),
        between_minutes=len(between),
        between_in_alarm=_in_alarm(between, found_episodes),
    )


def added_up(figures: Sequence[Figures]) -> Figures:
    """Return the figures of several recordings together."""
    return Figures(
        faults=tuple(fault for each in figures for fault in each.faults),
        false_alarms=tuple(span for each in figures for span in each.false_alarms),
        hours=sum(each.hours for each in figures),
        starts=sum(each.starts for each in figures),
        alarms=sum(each.alarms for each in figures),
        healthy_minutes=sum(each.healthy_minutes for each in figures),
        healthy_in_alarm=sum(each.healthy_in_alarm for each in figures),
        between_minutes=sum(each.between_minutes for each in figures),
        between_in_alarm=sum(each.between_in_alarm for each in figures),
    )


def _seconds_to(label: Label, starts: Sequence[Span]) -> float | None:
    first, last = label.start_seconds - FOUND_BEFORE, label.start_seconds + FOUND_AFTER
    return next(
        (each.start_seconds - label.start_seconds for each in starts if first <= each.start_seconds <= last), None
    )


def _near(label: Label) -> Span:
    return Span(label.start_seconds - NEAR_BEFORE, math.nextafter(label.start_seconds + NEAR_AFTER, math.inf))


def _between(labels: Sequence[Label]) -> list[Span]:
    return [
        Span(one.start_seconds + FOUND_AFTER, other.start_seconds - NEAR_BEFORE)
        for one, other in pairwise(sorted(labels))
    ]


def _minutes(span: Span) -> list[float]:
    count = int((span.end_seconds - span.start_seconds) // MINUTE)
    return [span.start_seconds + number * MINUTE for number in range(count)]


def _in_alarm(minutes: Sequence[float], spans: Sequence[Span]) -> int:
    return sum(
        any(span.start_seconds < minute + MINUTE and span.end_seconds > minute for span in spans) for minute in minutes
    )


def _any_holds(spans: Sequence[Span], moment_seconds: float) -> bool:
    return any(span.holds(moment_seconds) for span in spans)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
