"""Figures that follow from an anomaly's evidence: what the template says, the prompt shows and grounding accepts."""

import math
from collections.abc import Iterable

from contracts.anomalies import Anomaly, AnomalyType, EvidenceEndpoint, EvidenceService, EvidenceWindow, MetricName
from contracts.times import WINDOW

MIN_ENDPOINT_REQUESTS = 20
"""With fewer requests in the worst window, neither an endpoint nor another service is said to stand out."""

MAX_NAMED_SERVICES = 5
"""Other services that are named beside the first; more are counted."""

_MOST_FAILURES = 0.8
_ABOVE_ITS_TRAFFIC = 1.5
_ERROR_FACTOR = 3.0
_ERROR_FLOOR = 0.01
_LATENCY_FACTOR = 2.0


def by_importance(anomalies: Iterable[Anomaly]) -> list[Anomaly]:
    """Return anomalies with the most severe first, then the one that began first."""
    return sorted(anomalies, key=lambda one: (-one.severity.rank, one.window_start, one.service, one.anomaly_id))


def bad_minutes(anomaly: Anomaly) -> int:
    """Return how many windows lie between the first bad one and the last, both included."""
    return math.ceil((anomaly.window_end - anomaly.window_start) / WINDOW)


def worst_window(anomaly: Anomaly) -> EvidenceWindow | None:
    """Return the window that the anomaly's value is that of; None when it is no longer in the evidence."""
    found = (one for one in anomaly.evidence.windows if one.value is not None and one.window_start < anomaly.window_end)
    return next((one for one in found if math.isclose(one.value or 0.0, anomaly.metric_value, abs_tol=1e-12)), None)


def failed_in_worst(anomaly: Anomaly) -> int:
    """Return the failed requests of the worst window of an anomaly of the error ratio."""
    window = worst_window(anomaly)
    return round(anomaly.metric_value * anomaly.evidence.sample_size) if window is None else window.errors


def times_usual(anomaly: Anomaly) -> float | None:
    """Return the value as a multiple of what is usual; None where nothing, or zero, is usual."""
    return quotient(anomaly.metric_value, anomaly.baseline_value)


def quotient(value: float | None, usual: float | None) -> float | None:
    """Return value / usual; None without one of them, or where the quotient says nothing."""
    if value is None or usual is None or usual <= 0:
        return None
    found = value / usual
    return found if math.isfinite(found) else None


def failure_shares(anomaly: Anomaly) -> list[tuple[EvidenceEndpoint, float]]:
    """Return each endpoint that failed with its share of the failures of the worst window, the largest first."""
    endpoints = anomaly.evidence.endpoints
    total = max(sum(one.errors for one in endpoints), failed_in_worst(anomaly))
    failed = sorted((one for one in endpoints if one.errors > 0), key=lambda one: -one.errors)
    return [(one, one.errors / total) for one in failed]


def standing_out(anomaly: Anomaly) -> EvidenceEndpoint | None:
    """Return the one endpoint that the evidence blames; None when there is none, or nothing to compare it with."""
    if anomaly.endpoint or sum(one.requests > 0 for one in anomaly.evidence.endpoints) < 2:
        return None
    if anomaly.metric_name is MetricName.ERROR_RATIO:
        return _failing_most(anomaly)
    return _alone_above_limit(anomaly) if anomaly.metric_name is MetricName.LATENCY_P95 else None


def _failing_most(anomaly: Anomaly) -> EvidenceEndpoint | None:
    """One endpoint makes most of the failures, and not merely because it makes most of the traffic."""
    shares = failure_shares(anomaly)
    if not shares or shares[0][0].requests < MIN_ENDPOINT_REQUESTS:
        return None
    endpoint, share = shares[0]
    of_traffic = endpoint.requests / sum(one.requests for one in anomaly.evidence.endpoints)
    return endpoint if share >= _MOST_FAILURES and share >= _ABOVE_ITS_TRAFFIC * of_traffic else None


def _alone_above_limit(anomaly: Anomaly) -> EvidenceEndpoint | None:
    known = [one for one in anomaly.evidence.endpoints if one.latency_p95_seconds is not None]
    above = [one for one in known if (one.latency_p95_seconds or 0.0) > anomaly.threshold_value]
    if len(above) == 1 and len(known) > 1 and above[0].requests >= MIN_ENDPOINT_REQUESTS:
        return above[0]
    return None


def deviates(service: EvidenceService) -> bool:
    """Whether another service is clearly off what is usual for it."""
    return fails_more(service) or is_slower(service)


def fails_more(service: EvidenceService) -> bool:
    """Whether another service fails more than 3 times as often as usual, and for more than 1 % of requests."""
    failures, usual = service.error_ratio, service.usual_error_ratio
    if service.requests < MIN_ENDPOINT_REQUESTS or failures is None or usual is None:
        return False
    return failures > max(_ERROR_FACTOR * usual, _ERROR_FLOOR)


def is_slower(service: EvidenceService) -> bool:
    """Whether another service's p95 is more than twice what is usual for it."""
    slower = quotient(service.latency_p95_seconds, service.usual_latency_p95_seconds)
    return service.requests >= MIN_ENDPOINT_REQUESTS and slower is not None and slower > _LATENCY_FACTOR


def is_traffic(anomaly: Anomaly) -> bool:
    """Whether the anomaly is about the number of requests."""
    return anomaly.anomaly_type in {AnomalyType.TRAFFIC_DROP, AnomalyType.TRAFFIC_SURGE}
