"""One window of one service through measuring, scoring and deciding. Nothing here changes what is remembered."""

import math
from datetime import datetime
from typing import NamedTuple

from contracts.anomalies import Severity
from contracts.times import WINDOW
from detector.arrivals import THIRDS, Straddling, straddling
from detector.decision import SEEN_WINDOWS, Decision, Level, Verdict, decide, windows_back
from detector.history import JudgedWindow, ServiceHistory, minute_of
from detector.measurement import Measured, Sample, measure, merged, sample
from detector.rules import RULES, Rule
from detector.scoring import Observation, Score, scores
from detector.settings import DetectorSettings
from detector.usual import Usual
from detector.windows import Endpoints, ServiceCounts


class Judgement(NamedTuple):
    """What is known about a service in a window.

    ``scores``, ``decisions``, ``begins`` and ``unseen_days`` are in the order of ``Rule``.

    ``begins`` is the start of the first bad window where an anomaly begins if none is open, else None. ``unseen_days``
    is over how many earlier days nothing as extreme was seen; None where it was, or nothing is known.
    """

    service: str
    seen: Observation
    usual: Usual
    scores: tuple[Score, ...]
    decisions: tuple[Decision, ...]
    begins: tuple[datetime | None, ...]
    unseen_days: tuple[int | None, ...]
    counts: ServiceCounts

    @property
    def endpoints(self) -> Endpoints:
        """What was counted, by endpoint."""
        return self.counts.endpoints

    @property
    def measured(self) -> Measured:
        """What the window alone measured."""
        return self.seen.measured

    @property
    def judged(self) -> JudgedWindow:
        """What is remembered of it."""
        levels = tuple(int(decision.level) for decision in self.decisions)
        return JudgedWindow(
            self.measured, self.seen.sample.latency_p95_seconds, self.scores, levels, self.counts.thirds
        )

    def verdict(self, rule: Rule) -> Verdict:
        """Return what a rule says."""
        return self.decisions[RULES.index(rule)].verdict


class Window(NamedTuple):
    """A window that is judged: ``anybody`` is whether any service had requests in it.

    Where nobody had, it is the pipeline that is silent, and no service. ``thirds_over`` is how many thirds of it are
    complete: 3 when it is judged, fewer while it is looked at before that.
    """

    start: datetime
    anybody: bool
    thirds_over: int = THIRDS


class Case(NamedTuple):
    """All that a window of a service is judged by: its counts, the service's past and what that says is usual."""

    service: str
    window: Window
    counts: ServiceCounts
    history: ServiceHistory
    usual: Usual


def judge(case: Case, settings: DetectorSettings) -> Judgement:
    """Judge what was counted for a service by its past."""
    history, usual = case.history, case.usual
    seen = observe(case, settings)
    scored = case_scores(case, seen, settings)
    decisions = tuple(_decision(score, seen, history, settings) for score in scored)
    both = tuple(zip(scored, decisions, strict=True))
    begins = tuple(_begins(score.rule, decision, seen, history, usual) for score, decision in both)
    unseen = tuple(_unseen_days(score, decision, seen, history) for score, decision in both)
    return Judgement(case.service, seen, usual, scored, decisions, begins, unseen, case.counts)


def case_scores(case: Case, seen: Observation, settings: DetectorSettings) -> tuple[Score, ...]:
    """Return the score of every rule; where a service has a habit, no window is enough by itself."""
    minute, habits = minute_of(seen.measured.window_start), case.history.habits
    return tuple(
        score._replace(far_limit=None) if habits.has(number, minute) else score
        for number, score in enumerate(scores(seen, case.usual, settings))
    )


def observe(case: Case, settings: DetectorSettings) -> Observation:
    """Return a window as rules see it: pooled with those before it where it is thin."""
    window, endpoints, history = case.window, case.counts.endpoints, case.history
    histogram = next(iter(endpoints.values())) if len(endpoints) == 1 else merged(endpoints.values())
    measured = measure(window.start, (histogram,))
    pooled = Sample(1, measured.requests, measured.errors, measured.latency_p95_seconds)
    if 0 < measured.requests < settings.detector_min_requests:
        before = history.thin_before(window.start, settings.detector_pool_minutes - 1)
        pooled = sample(histogram, before, settings.detector_min_requests)
    minutes = _traffic_minutes(case.usual, settings) if window.anybody else 0
    traffic = history.requests_before(window.start, minutes - 1) if minutes > 1 else []
    mean = (measured.requests + sum(traffic)) / (1 + len(traffic))
    return Observation(
        case.service, measured, histogram, pooled, mean, 1 + len(traffic) if minutes else 0,
        _straddling(case) if minutes == 1 else (), is_over=window.thirds_over == THIRDS,
    )  # fmt: skip


def _straddling(case: Case) -> tuple[Straddling, ...]:
    """Return the minutes that straddle this window and the one before; none where drops are a habit.

    What is seen in one of these is seen in the windows as well, and counting it twice would make two bad ones of one.
    """
    window, history = case.window, case.history
    if history.habits.has(RULES.index(Rule.TRAFFIC_DROP), minute_of(window.start)):
        return ()
    return straddling(history.thirds_before(window.start), case.counts.thirds, window.thirds_over)


def _traffic_minutes(usual: Usual, settings: DetectorSettings) -> int:
    """Return how many minutes it takes until as many requests as a sample needs may be expected."""
    if usual.traffic is None or usual.traffic.centre <= 0:
        return 1
    needed = math.ceil(settings.detector_min_requests / usual.traffic.centre)
    return min(needed, settings.detector_pool_minutes)


def _decision(score: Score, seen: Observation, history: ServiceHistory, settings: DetectorSettings) -> Decision:
    """Decide; what comes every day at this time is not critical."""
    decision = decide(score, seen, settings)
    if decision.severity is not Severity.CRITICAL or score.value is None:
        return decision
    minute = minute_of(seen.measured.window_start)
    if history.days.is_routine(RULES.index(score.rule), minute, score.value):
        return decision._replace(severity=Severity.WARNING)
    return decision


def _begins(
    rule: Rule, decision: Decision, seen: Observation, history: ServiceHistory, usual: Usual
) -> datetime | None:
    if decision.level is Level.NONE:
        return None
    number, start = RULES.index(rule), seen.measured.window_start
    minute, habits = minute_of(start), history.habits
    has_habit = habits.has(number, minute)
    level = min(decision.level, Level.CLEAR) if has_habit else decision.level
    pooled = seen.sample.windows if rule in (Rule.ERROR_RATE, Rule.LATENCY_SLA) else max(1, seen.traffic_minutes)
    # Overlapping samples would count the same requests twice. What is far rests on its window alone.
    step = WINDOW if level is Level.FAR else pooled * WINDOW
    earlier = [history.level(number, start - back * step) for back in range(1, SEEN_WINDOWS)]
    is_restless = has_habit or bool(usual.restless >> number & 1) or habits.is_restless(number, minute)
    back = windows_back([level, *earlier], is_restless=is_restless)
    return None if back is None else start - back * step


def _unseen_days(score: Score, decision: Decision, seen: Observation, history: ServiceHistory) -> int | None:
    if decision.level is Level.NONE or score.value is None:
        return None
    minute, number = minute_of(seen.measured.window_start), RULES.index(score.rule)
    days = history.days.days_known(minute)
    return days if days and not history.days.seen(number, minute, score.value) else None
