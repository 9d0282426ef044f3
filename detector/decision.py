"""Decide: what a score means. The score's numbers and the settings are all it knows."""

from enum import StrEnum
from typing import NamedTuple

from contracts.anomalies import Severity
from detector.measurement import Measured
from detector.rules import Rule
from detector.scoring import Score
from detector.settings import DetectorSettings

CRITICAL_ERROR_FACTOR = 5.0
"""Errors at five times their limit, fifteen times the usual with the default factor, are no fluctuation."""

CRITICAL_ERROR_RATIO = 0.3
"""Where almost every third request fails, users notice whatever is usual."""

CRITICAL_LATENCY_FACTOR = 2.0
"""A p95 at twice its limit, four times the SLA with the default factor, is where clients begin to time out."""


class Verdict(StrEnum):
    """What a rule says about a window."""

    NORMAL = "normal"
    ANOMALOUS = "anomalous"
    TOO_FEW = "too_few"
    NO_DATA = "no_data"
    NO_BASELINE = "no_baseline"


class Decision(NamedTuple):
    """``severity`` is given exactly when the verdict is anomalous."""

    verdict: Verdict
    severity: Severity | None = None


def decide(score: Score, measured: Measured, settings: DetectorSettings) -> Decision:
    """Return the verdict on a window.

    Above the limit of errors with fewer than ``DETECTOR_MIN_ERRORS`` of them, the window has too few to tell.
    """
    value, threshold = score.value, score.threshold
    if value is None:
        return Decision(Verdict.NO_DATA)
    if measured.requests < settings.detector_min_requests:
        return Decision(Verdict.TOO_FEW)
    if threshold is None:
        return Decision(Verdict.NO_BASELINE)
    if value <= threshold:
        return Decision(Verdict.NORMAL)
    if score.rule is Rule.ERROR_RATE and measured.errors < settings.detector_min_errors:
        return Decision(Verdict.TOO_FEW)
    return Decision(Verdict.ANOMALOUS, _severity(score.rule, value, threshold))


def _severity(rule: Rule, value: float, threshold: float) -> Severity:
    if rule is Rule.ERROR_RATE:
        critical = value >= CRITICAL_ERROR_FACTOR * threshold or value >= CRITICAL_ERROR_RATIO
    else:
        critical = value >= CRITICAL_LATENCY_FACTOR * threshold
    return Severity.CRITICAL if critical else Severity.WARNING
