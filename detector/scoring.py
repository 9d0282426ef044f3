"""Score: how far a window is from what is usual and from its limit. Numbers only; nothing is decided here."""

from typing import NamedTuple

from detector.measurement import Measured
from detector.rules import Rule
from detector.settings import DetectorSettings


class Usual(NamedTuple):
    """What is usual for a service; None where too little is known to say."""

    error_ratio: float | None
    latency_p95_seconds: float | None


UNKNOWN = Usual(None, None)


class Score(NamedTuple):
    """One rule's view of one window, in the unit of the rule's metric.

    ``value`` is None without requests, ``expected`` without a baseline, ``threshold`` where the rule has no limit.
    """

    rule: Rule
    value: float | None
    expected: float | None
    threshold: float | None


def scores(service: str, measured: Measured, usual: Usual, settings: DetectorSettings) -> tuple[Score, ...]:
    """Return the score of every rule, in the order of ``Rule``."""
    return (_error_rate(measured, usual, settings), _latency_sla(service, measured, usual, settings))


def _error_rate(measured: Measured, usual: Usual, settings: DetectorSettings) -> Score:
    expected = usual.error_ratio
    threshold = (
        None if expected is None else max(settings.detector_error_factor * expected, settings.detector_error_floor)
    )
    return Score(Rule.ERROR_RATE, measured.error_ratio, expected, threshold)


def _latency_sla(service: str, measured: Measured, usual: Usual, settings: DetectorSettings) -> Score:
    threshold = settings.detector_latency_factor * settings.sla_seconds(service)
    return Score(Rule.LATENCY_SLA, measured.latency_p95_seconds, usual.latency_p95_seconds, threshold)
