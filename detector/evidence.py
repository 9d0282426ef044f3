"""Evidence: what a decision rests on and what happened around it, as it is published."""

from collections.abc import Iterable
from datetime import datetime

from contracts.anomalies import (
    MAX_EVIDENCE_ENDPOINTS,
    MAX_EVIDENCE_SERVICES,
    MAX_EVIDENCE_WINDOWS,
    EvidenceEndpoint,
    EvidenceService,
    EvidenceWindow,
)
from contracts.histogram import ZERO_THRESHOLD_SECONDS, representative_seconds
from detector.history import JudgedWindow, ServiceHistory
from detector.judgement import Judgement
from detector.measurement import Measured, measure
from detector.rules import RULES, Rule
from detector.settings import DetectorSettings
from detector.windows import Histogram


def last_windows(history: ServiceHistory, rule: Rule, window_start: datetime) -> tuple[EvidenceWindow, ...]:
    """Return the last windows of a service up to one, oldest first, as a rule saw them."""
    index = RULES.index(rule)
    minutes = history.minutes_until(window_start, MAX_EVIDENCE_WINDOWS)
    return tuple(_window(minute, window, index) for minute, window in minutes)


def _window(minute: datetime, window: JudgedWindow | None, rule: int) -> EvidenceWindow:
    measured = Measured(minute, 0, 0, None) if window is None else window.measured
    score = None if window is None else window.scores[rule]
    return EvidenceWindow(
        window_start=minute,
        requests=measured.requests,
        errors=measured.errors,
        latency_p95_seconds=measured.latency_p95_seconds,
        value=None if score is None else score.value,
        expected=None if score is None else score.expected,
        threshold=None if score is None else score.threshold,
    )


def worst_endpoints(judgement: Judgement, rule: Rule, threshold: float) -> tuple[EvidenceEndpoint, ...]:
    """Return the endpoints that contribute most to a bad window: by errors, or by requests above the limit."""
    contributions = [
        (_contribution(histogram, rule, threshold), endpoint, measure(judgement.measured.window_start, [histogram]))
        for endpoint, histogram in judgement.endpoints.items()
    ]
    contributions.sort(key=lambda each: (-each[0], -(each[2].latency_p95_seconds or 0.0), each[1]))
    return tuple(
        EvidenceEndpoint(
            endpoint=endpoint,
            requests=measured.requests,
            errors=measured.errors,
            latency_p95_seconds=measured.latency_p95_seconds,
        )
        for _, endpoint, measured in contributions[:MAX_EVIDENCE_ENDPOINTS]
    )


def _contribution(histogram: Histogram, rule: Rule, threshold: float) -> int:
    if rule is Rule.ERROR_RATE:
        return sum(errors for _, errors in histogram.values())
    return sum(requests for index, (requests, _) in histogram.items() if representative_seconds(index) > threshold)


class Surroundings:
    """The services of one window, the most deviating first; ranked once, when the first anomaly asks."""

    def __init__(self, judgements: Iterable[Judgement], settings: DetectorSettings) -> None:
        self._judgements, self._settings = judgements, settings
        self._ranked: list[EvidenceService] | None = None

    def of(self, service: str) -> tuple[EvidenceService, ...]:
        """Return the other services that had requests in the window."""
        if self._ranked is None:
            seen = [judgement for judgement in self._judgements if judgement.measured.requests > 0]
            seen.sort(key=lambda judgement: (-_deviation(judgement, self._settings), judgement.service))
            self._ranked = [_service(judgement) for judgement in seen[: MAX_EVIDENCE_SERVICES + 1]]
        others = [other for other in self._ranked if other.service != service]
        return tuple(others[:MAX_EVIDENCE_SERVICES])


def _service(judgement: Judgement) -> EvidenceService:
    return EvidenceService(
        service=judgement.service,
        requests=judgement.measured.requests,
        error_ratio=judgement.measured.error_ratio,
        usual_error_ratio=judgement.usual.error_ratio,
        latency_p95_seconds=judgement.measured.latency_p95_seconds,
        usual_latency_p95_seconds=judgement.usual.latency_p95_seconds,
    )


def _deviation(judgement: Judgement, settings: DetectorSettings) -> float:
    """Return the larger multiple of what is usual, of errors or latency; 0 where it cannot be told.

    What is usual may be 0 or close to it. The ratio of errors is taken as no smaller than the floor of its rule, a
    latency as no smaller than the histogram resolves.
    """
    measured, usual = judgement.measured, judgement.usual
    multiples = [0.0]
    if measured.requests < settings.detector_min_requests:
        return 0.0
    if measured.error_ratio is not None and usual.error_ratio is not None:
        multiples.append(measured.error_ratio / max(usual.error_ratio, settings.detector_error_floor))
    if measured.latency_p95_seconds is not None and usual.latency_p95_seconds is not None:
        multiples.append(measured.latency_p95_seconds / max(usual.latency_p95_seconds, ZERO_THRESHOLD_SECONDS))
    return max(multiples)
