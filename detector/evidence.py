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
from detector.decision import Verdict
from detector.history import JudgedWindow, ServiceHistory, ShownScore
from detector.judgement import Judgement
from detector.measurement import Measured, measure, slower_than
from detector.rules import RULES, Rule
from detector.windows import Histogram


def last_windows(
    history: ServiceHistory, rule: Rule, window_start: datetime, running: JudgedWindow | None
) -> tuple[EvidenceWindow, ...]:
    """Return the last windows of a service up to one, oldest first, as a rule saw them.

    Args:
        history: of the service.
        rule: whose view is wanted.
        window_start: of the last window to show.
        running: that window where it is not over yet and so not part of the history.
    """
    number = RULES.index(rule)
    if running is None:
        windows = history.windows_until(window_start, MAX_EVIDENCE_WINDOWS)
        return tuple(_window(measured, scores[number]) for measured, scores in windows)
    shown = [
        each
        for each in history.windows_until(window_start, MAX_EVIDENCE_WINDOWS)
        if each[0].window_start < window_start
    ]
    score = running.scores[number]
    newest = _window(running.measured, ShownScore(score.value, score.expected, score.threshold))
    return (*(_window(measured, scores[number]) for measured, scores in shown[-MAX_EVIDENCE_WINDOWS + 1 :]), newest)


def _window(measured: Measured, score: ShownScore) -> EvidenceWindow:
    return EvidenceWindow(
        window_start=measured.window_start,
        requests=measured.requests,
        errors=measured.errors,
        latency_p95_seconds=measured.latency_p95_seconds,
        value=score.value,
        expected=score.expected,
        threshold=score.threshold,
    )


def worst_endpoints(judgement: Judgement, rule: Rule, threshold: float) -> tuple[EvidenceEndpoint, ...]:
    """Return the endpoints that contribute most to a bad window: by errors, requests above the limit, or requests."""
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
    if rule is Rule.LATENCY_SLA:
        return slower_than(histogram, threshold)
    return sum(requests for requests, _ in histogram.values())


class Surroundings:
    """The services of one window, the most deviating first; ranked once, when the first anomaly asks."""

    def __init__(self, judgements: Iterable[Judgement]) -> None:
        self._judgements = judgements
        self._ranked: list[EvidenceService] | None = None

    def of(self, service: str) -> tuple[EvidenceService, ...]:
        """Return the other services that had requests in the window."""
        if self._ranked is None:
            seen = [judgement for judgement in self._judgements if judgement.measured.requests > 0]
            seen.sort(key=lambda judgement: (-deviation(judgement), judgement.service))
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


def deviation(judgement: Judgement) -> float:
    """Return how far the worst of errors and latency is from the usual, in robust spreads; 0 where it cannot be told.

    A spread says how much a service varies by itself: a multiple of the usual would put whatever is noisy, or close to
    zero, on top. Windows that are too thin to judge say nothing.
    """
    shifts = [
        score.shift
        for score, decision in zip(judgement.scores[:2], judgement.decisions[:2], strict=True)
        if score.shift is not None and decision.verdict in (Verdict.NORMAL, Verdict.ANOMALOUS)
    ]
    return max([0.0, *shifts])
