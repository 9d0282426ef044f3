"""Decide: what a score means. The score's numbers and the settings are all it knows."""

from collections.abc import Sequence
from enum import IntEnum, StrEnum
from typing import NamedTuple

from contracts.anomalies import Severity
from detector.rules import Rule
from detector.scoring import SECONDS, Observation, Score
from detector.settings import DetectorSettings

CRITICAL_ERROR_FACTOR = 5.0
"""Errors at five times their limit, fifteen times the usual with the default factor, are no fluctuation."""

CRITICAL_ERROR_RATIO = 0.3
"""Where almost every third request fails, users notice whatever is usual."""

CRITICAL_LATENCY_FACTOR = 2.0
"""A p95 at twice its limit and above the promise: four times the usual with the default ratio."""

CRITICAL_TRAFFIC_DROP = 0.1
"""With a tenth of the usual requests left, a service is as good as gone."""

CRITICAL_TRAFFIC_SURGE = 5.0
"""Five times the usual requests are beyond what services are sized for."""

FAR_FROM_PROMISE = 2.0
"""Before anything is known to be usual, one window is enough at twice what the promise allows."""

SEEN_WINDOWS = 3
"""Windows, or samples where these are pooled, that together decide whether an anomaly begins."""


class Verdict(StrEnum):
    """What a rule says about a window."""

    NORMAL = "normal"
    ANOMALOUS = "anomalous"
    TOO_FEW = "too_few"
    NO_DATA = "no_data"
    NO_BASELINE = "no_baseline"


class Level(IntEnum):
    """How bad an anomalous window is: how many of the same kind it takes for an anomaly to begin.

    Elevated: three in a row. Clear: two of three. Far: one.
    """

    NONE = 0
    ELEVATED = 1
    CLEAR = 2
    FAR = 3


class Decision(NamedTuple):
    """``severity`` is given, and ``level`` is not ``NONE``, exactly when the verdict is anomalous."""

    verdict: Verdict
    level: Level = Level.NONE
    severity: Severity | None = None


def decide(score: Score, seen: Observation, settings: DetectorSettings) -> Decision:
    """Return the verdict on a window."""
    level, flaw = Level.NONE, _flaw(score, seen, settings)
    if is_far(score):
        level = Level.FAR
    elif flaw is not None:
        return Decision(flaw)
    elif _is_beyond(score):
        level = _level(score, seen, settings)
    if level is Level.NONE:
        return Decision(Verdict.NORMAL)
    return Decision(Verdict.ANOMALOUS, level, _severity(score, seen.service, settings))


def _flaw(score: Score, seen: Observation, settings: DetectorSettings) -> Verdict | None:
    """Return why a window cannot be judged; None where it can.

    Above the limit of errors with fewer than ``DETECTOR_MIN_ERRORS`` of them, the window has too few to tell.
    """
    if score.value is None:
        return Verdict.NO_DATA
    if _is_thin(score, seen, settings):
        return Verdict.TOO_FEW
    if score.threshold is None:
        return Verdict.NO_BASELINE if score.expected is None else Verdict.TOO_FEW
    is_surge = score.rule is Rule.ERROR_RATE and _is_beyond(score)
    return Verdict.TOO_FEW if is_surge and seen.sample.errors < settings.detector_min_errors else None


def is_far(score: Score) -> bool:
    """Whether a window is enough by itself, by what can only grow while it is counted."""
    return score.far_limit is not None and score.far >= score.far_limit


def windows_back(levels: Sequence[int], *, is_restless: bool) -> int | None:
    """Return how many samples ago an anomaly began; None when none begins.

    Args:
        levels: of the newest sample and those before it, ``SEEN_WINDOWS`` of them, the newest first.
        is_restless: whether calm time of the last hour had a clear window too: then two of three prove nothing.
    """
    if levels[0] == Level.NONE:
        return None
    in_a_row = all(level >= Level.ELEVATED for level in levels)
    clear = sum(level >= Level.CLEAR for level in levels)
    begins = levels[0] == Level.FAR or in_a_row or (levels[0] >= Level.CLEAR and clear >= 2 and not is_restless)
    if not begins:
        return None
    return max(back for back, level in enumerate(levels) if level >= Level.ELEVATED)


def _is_thin(score: Score, seen: Observation, settings: DetectorSettings) -> bool:
    if score.rule in (Rule.ERROR_RATE, Rule.LATENCY_SLA):
        return seen.sample.requests < settings.detector_min_requests
    if score.expected is None:
        return False
    return score.expected * SECONDS * seen.traffic_minutes < settings.detector_min_requests


def _is_beyond(score: Score) -> bool:
    if score.value is None or score.threshold is None:
        return False
    return score.value < score.threshold if score.rule.looks_below else score.value > score.threshold


def _level(score: Score, seen: Observation, settings: DetectorSettings) -> Level:
    if score.shift is None:
        return Level.FAR if (score.value or 0.0) >= FAR_FROM_PROMISE * (score.threshold or 0.0) else Level.CLEAR
    # A pooled sample of errors took minutes already, and its shift is that of an exact test, not of a noisy spread.
    is_pooled = score.rule is Rule.ERROR_RATE and seen.sample.windows > 1
    if score.shift >= settings.detector_far_shift and (is_pooled or score.rule is Rule.TRAFFIC_DROP):
        return Level.FAR
    if score.shift >= settings.detector_clear_shift:
        return Level.CLEAR
    return Level.ELEVATED if score.shift >= settings.detector_elevated_shift else Level.NONE


def _severity(score: Score, service: str, settings: DetectorSettings) -> Severity:
    value, limit, usual = score.value or 0.0, score.threshold or 0.0, score.expected or 0.0
    match score.rule:
        case Rule.ERROR_RATE:
            critical = value >= CRITICAL_ERROR_FACTOR * limit or value >= CRITICAL_ERROR_RATIO
        case Rule.LATENCY_SLA:
            critical = value >= CRITICAL_LATENCY_FACTOR * limit and value > settings.sla_seconds(service)
        case Rule.TRAFFIC_DROP:
            critical = value <= CRITICAL_TRAFFIC_DROP * usual
        case Rule.TRAFFIC_SURGE:
            critical = value >= CRITICAL_TRAFFIC_SURGE * usual
    return Severity.CRITICAL if critical else Severity.WARNING
