"""The past of one service: its judged windows of the last hour, and what they say is usual."""

import math
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from contracts.records import UtcTime
from contracts.times import EPOCH, WINDOW
from detector.arrivals import UNKNOWN_THIRDS, Thirds
from detector.days import DayMemory
from detector.habits import Habits
from detector.measurement import Measured
from detector.packed import Floats, Integers, floats, integers
from detector.rules import RULES
from detector.scoring import Score
from detector.settings import DetectorSettings
from detector.usual import UNKNOWN, Usual, latency_centre, traffic_band
from detector.windows import Histogram

BASELINE_MINUTES = 60
CALMER_WINDOWS = 20
"""So many windows must be left where minutes with an anomaly of any service are left out."""

GUARD_MINUTES = 5
"""The newest minutes are no part of the baseline once there are others: what begins slowly, or is not called yet, must
not become the usual before it can be called. Source: the guard cells of constant false alarm rate detection (Rohling,
"Radar CFAR thresholding in clutter and multiple target situations", IEEE Transactions AES-19, 1983)."""

SHOWN_MINUTES = 15
"""Minutes whose scores are kept for evidence."""

_SCORE_WIDTH = 3 * len(RULES)
_BURN_MINUTES = 5
_TRIMMED_SHARE = 0.1
"""Of the windows by their ratio of errors, as many as this are left out where they hold errors enough to be a fault
that nobody called: one bad minute would otherwise be the usual for an hour."""


class JudgedWindow(NamedTuple):
    """A window as it was judged; ``levels`` and ``scores`` are in the order of ``Rule``."""

    measured: Measured
    judged_p95_seconds: float | None
    scores: tuple[Score, ...]
    levels: tuple[int, ...]
    thirds: Thirds = UNKNOWN_THIRDS


class Span(NamedTuple):
    """Time from ``start`` up to, not including, ``end``."""

    start: UtcTime
    end: UtcTime


class ShownScore(NamedTuple):
    """What is kept of a score for evidence."""

    value: float | None
    expected: float | None
    threshold: float | None


NO_SCORE = ShownScore(None, None, None)


def minute_of(moment: datetime) -> int:
    """Return whole minutes since 1970."""
    return (moment - EPOCH) // WINDOW


class Past(NamedTuple):
    """The past of a service as seen from a window.

    ``alerted_since`` is the start of the service's oldest open anomaly, None without one; ``alerted_minutes`` are those
    of the last hour, since 1970, in which any service had an anomaly.
    """

    window_start: datetime
    alerted_since: datetime | None
    alerted_minutes: AbstractSet[int]


@dataclass(slots=True)
class ServiceHistory:
    """Columns of the windows of the last hour, oldest first, and the resolved anomalies that reach into it.

    A window without requests is in it while other services had some. ``p95`` are the latencies that were judged, in
    seconds; ``levels`` hold two bits for each rule; ``scores`` are kept for the last quarter of an hour, ``thin`` the
    histograms of windows that later ones may be pooled with. ``held`` is the last known of what is usual,
    ``thirds`` when the requests of the newest window came.
    """

    minutes: Integers = field(default_factory=integers)
    requests: Integers = field(default_factory=integers)
    errors: Integers = field(default_factory=integers)
    p95: Floats = field(default_factory=floats)
    levels: Integers = field(default_factory=integers)
    scores: Floats = field(default_factory=floats)
    thin: dict[int, Histogram] = field(default_factory=dict)
    alerted: list[Span] = field(default_factory=list)
    held: Usual = UNKNOWN
    habits: Habits = field(default_factory=Habits)
    last_requests_minute: int = 0
    days: DayMemory = field(default_factory=DayMemory)
    thirds: Thirds = UNKNOWN_THIRDS

    @property
    def last_seen(self) -> datetime:
        """End of the newest window with requests."""
        return EPOCH + (self.last_requests_minute + 1) * WINDOW

    def usual(self, past: Past, settings: DetectorSettings, budget: float) -> Usual:
        """Return what is usual by the un-alerted windows of the hour before a window.

        Where alerts leave too few of them, the last known holds: an anomaly that outlasts the hour would otherwise
        use up what it is judged by.

        Minutes in which anything was alerted are left out too, as long as that leaves windows enough: a fault is
        often felt, below any limit, by services that have no alert of their own.

        Args:
            past: which part of the past to look at.
            settings: say how many windows are needed.
            budget: the share of requests that may fail.
        """
        now = minute_of(past.window_start)
        oldest = now - BASELINE_MINUTES
        hour = [at for at, minute in enumerate(self.minutes) if minute >= oldest]
        calm = self._calm(hour, now, past.alerted_since)
        settled = [at for at in calm if self.minutes[at] < now - GUARD_MINUTES]
        if len(settled) >= settings.detector_baseline_windows:
            calm = settled
        if past.alerted_minutes:
            calmer = [at for at in calm if self.minutes[at] not in past.alerted_minutes]
            if len(calmer) >= CALMER_WINDOWS:
                calm = calmer
        held = self.held if len(calm) < len(hour) else UNKNOWN
        found = self._usual_of(calm, settings, held)
        return found._replace(burn_rate=self._burn_rate(hour, now, budget), restless=self._restless(calm, now))

    def _calm(self, hour: list[int], now: int, alerted_since: datetime | None) -> list[int]:
        spans = [(minute_of(span.start), minute_of(span.end)) for span in self.alerted]
        if alerted_since is not None:
            spans.append((minute_of(alerted_since), now))
        if not spans:
            return hour
        return [at for at in hour if not any(start <= self.minutes[at] < end for start, end in spans)]

    def _usual_of(self, calm: list[int], settings: DetectorSettings, held: Usual) -> Usual:
        least = settings.detector_baseline_windows
        p95 = self.p95
        latencies = [value for value in [p95[at] for at in calm] if value >= 0]
        errors, requests = self._errors_and_requests(calm, settings.detector_min_errors)
        are_enough = len(latencies) >= least
        return Usual(
            errors / requests if are_enough else held.error_ratio,
            requests if are_enough else held.error_requests,
            latency_centre(latencies) if are_enough else held.latency,
            traffic_band([self.requests[at] for at in calm]) if len(calm) >= least else held.traffic,
            None,
            0,
        )

    def _errors_and_requests(self, calm: list[int], min_errors: int) -> tuple[int, int]:
        """Return the errors and requests of windows, without the few that stand out by their errors."""
        kept = calm
        suspects = [at for at in calm if self.errors[at] >= min_errors]
        if suspects:
            most = math.ceil(_TRIMMED_SHARE * len(calm))
            suspects.sort(key=lambda at: self.errors[at] / self.requests[at], reverse=True)
            left_out = set(suspects[:most])
            kept = [at for at in calm if at not in left_out]
        errors, requests = self.errors, self.requests
        return sum([errors[at] for at in kept]), sum([requests[at] for at in kept])

    def _burn_rate(self, hour: list[int], now: int, budget: float) -> float | None:
        lately = [at for at in hour if self.minutes[at] >= now - _BURN_MINUTES]
        ratios = []
        for windows in (lately, hour):
            requests = sum([self.requests[at] for at in windows])
            if requests == 0:
                return None
            ratios.append(sum([self.errors[at] for at in windows]) / requests)
        return min(ratios) / budget

    def _restless(self, calm: list[int], now: int) -> int:
        bits = 0
        for at in calm:
            if self.levels[at] and self.minutes[at] < now - GUARD_MINUTES:
                bits |= self.levels[at]
        return sum(1 << number for number in range(len(RULES)) if bits >> (2 * number + 1) & 1)

    def level(self, rule: int, window_start: datetime) -> int:
        """Return the level that a rule gave a window: 0 where it is unknown, or is part of an anomaly that ended."""
        minute = minute_of(window_start)
        for at in range(len(self.minutes) - 1, -1, -1):
            if self.minutes[at] <= minute:
                if self.minutes[at] < minute or any(span.start <= window_start < span.end for span in self.alerted):
                    return 0
                return self.levels[at] >> (2 * rule) & 3
        return 0

    def thin_before(self, window_start: datetime, minutes: int) -> list[Histogram]:
        """Return the thin windows right before one, the newest first, up to a number; a thick one ends them."""
        now = minute_of(window_start)
        known = self.minutes[-minutes:]
        found: list[Histogram] = []
        for minute in range(now - 1, now - 1 - minutes, -1):
            if minute in known and minute not in self.thin:
                break
            found.append(self.thin.get(minute, {}))
        while found and not found[-1]:
            found.pop()
        return found

    def requests_before(self, window_start: datetime, minutes: int) -> list[int]:
        """Return the requests of the minutes right before one that are known, up to a number."""
        oldest = minute_of(window_start) - minutes
        return [self.requests[at] for at in range(-min(minutes, len(self.minutes)), 0) if self.minutes[at] >= oldest]

    def thirds_before(self, window_start: datetime) -> Thirds:
        """Return when the requests of the window right before one came."""
        is_right_before = len(self.minutes) > 0 and self.minutes[-1] == minute_of(window_start) - 1
        return self.thirds if is_right_before else UNKNOWN_THIRDS

    def append(self, window: JudgedWindow, usual: Usual, thin: Histogram | None, pool_minutes: int) -> None:
        """Add a judged window; what is older than an hour before the next is forgotten."""
        measured = window.measured
        minute = minute_of(measured.window_start)
        self.minutes.append(minute)
        self.requests.append(min(measured.requests, _LARGEST))
        self.errors.append(min(measured.errors, _LARGEST))
        self.p95.append(_or_minus(window.judged_p95_seconds))
        self.levels.append(sum(level << (2 * number) for number, level in enumerate(window.levels)))
        for score in window.scores:
            self.scores.extend((_or_minus(score.value), _or_minus(score.expected), _or_minus(score.threshold)))
        self.held, self.thirds = usual, window.thirds
        self.habits.saw_calm(usual.restless, minute)
        if measured.requests > 0:
            self.last_requests_minute = minute
            self.days.add(minute, window.scores)
        self._keep_thin(minute, thin, pool_minutes)
        self._forget(minute)

    def _keep_thin(self, minute: int, thin: Histogram | None, pool_minutes: int) -> None:
        if thin is not None:
            self.thin[minute] = thin
        for old in [each for each in self.thin if each <= minute - pool_minutes]:
            del self.thin[old]

    def _forget(self, minute: int) -> None:
        old = sum(1 for each in self.minutes if each <= minute - BASELINE_MINUTES)
        if old:
            self._drop(old)
        oldest = EPOCH + (minute - BASELINE_MINUTES) * WINDOW
        if self.alerted:
            self.alerted = [span for span in self.alerted if span.end > oldest]
        surplus = len(self.scores) - SHOWN_MINUTES * _SCORE_WIDTH
        if surplus > 0:
            del self.scores[:surplus]

    def _drop(self, number: int) -> None:
        for column in (self.minutes, self.requests, self.errors, self.p95, self.levels):
            del column[:number]

    def cover(self, start: datetime, end: datetime) -> None:
        """Leave the windows of a resolved anomaly out of the baseline."""
        self.alerted.append(Span(start, end))

    def accept(self, start: datetime) -> None:
        """Take what came with an anomaly as usual: what was before it is forgotten."""
        self.alerted = [span for span in self.alerted if span.end <= start]
        number = sum(1 for minute in self.minutes if minute < minute_of(start))
        self._drop(number)
        self.held = UNKNOWN

    def windows_until(self, window_start: datetime, count: int) -> list[tuple[Measured, tuple[ShownScore, ...]]]:
        """Return the last ``count`` minutes up to a window, oldest first; a minute that is not known is empty.

        Minutes before the first known window are left out.
        """
        now = minute_of(window_start)
        known = {minute: at for at, minute in enumerate(self.minutes) if minute > now - count}
        first = self.minutes[0] if self.minutes else now + 1
        return [self._window(minute, known.get(minute)) for minute in range(max(first, now - count + 1), now + 1)]

    def newest(self) -> tuple[Measured, tuple[ShownScore, ...]]:
        """Return the newest window and its scores, in the order of ``Rule``; there is one."""
        return self._window(self.minutes[-1], len(self.minutes) - 1)

    def _window(self, minute: int, at: int | None) -> tuple[Measured, tuple[ShownScore, ...]]:
        start = EPOCH + minute * WINDOW
        if at is None:
            return Measured(start, 0, 0, None), (NO_SCORE,) * len(RULES)
        measured = Measured(start, self.requests[at], self.errors[at], _or_none(self.p95[at]))
        return measured, self._scores(at)

    def _scores(self, at: int) -> tuple[ShownScore, ...]:
        begin = len(self.scores) - (len(self.minutes) - at) * _SCORE_WIDTH
        if begin < 0:
            return (NO_SCORE,) * len(RULES)
        kept = [_or_none(number) for number in self.scores[begin : begin + _SCORE_WIDTH]]
        return tuple(ShownScore(*kept[place : place + 3]) for place in range(0, _SCORE_WIDTH, 3))


_LARGEST = 2**62
_NOTHING = -1.0
"""Stands for None in a column: no number of a score is negative, and unlike NaN it equals itself."""


def _or_minus(number: float | None) -> float:
    return _NOTHING if number is None else number


def _or_none(number: float) -> float | None:
    return None if number < 0 else number
