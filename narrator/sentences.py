"""Sentences about one anomaly: how far from usual it is, and what that meant."""

from contracts.anomalies import Anomaly, AnomalyType
from narrator.figures import failed_in_worst, times_usual
from narrator.wording import clock, count, latency, measured, per_minute, percent, rounded, spoken

_UNKNOWN_USUAL = {
    AnomalyType.ERROR_SURGE: "requests to {} fail",
    AnomalyType.LATENCY_SPIKE: "{} answers slowly",
    AnomalyType.TRAFFIC_DROP: "{} receives few requests",
    AnomalyType.TRAFFIC_SURGE: "{} receives many requests",
}
_CHANGES = {
    AnomalyType.ERROR_SURGE: "more requests to {} fail than usual",
    AnomalyType.LATENCY_SPIKE: "{} answers more slowly than usual",
    AnomalyType.TRAFFIC_DROP: "{} receives fewer requests than usual",
    AnomalyType.TRAFFIC_SURGE: "{} receives more requests than usual",
}
_TELLING_FACTORS = (1.1, 1_000.0)


def subject(anomaly: Anomaly) -> str:
    """Return what deviates: the service, or ``service endpoint``."""
    return f"{spoken(anomaly.service)} {spoken(anomaly.endpoint)}" if anomaly.endpoint else spoken(anomaly.service)


def headline(anomaly: Anomaly) -> str:
    """Return one line: who, what, how far from usual."""
    return f"{subject(anomaly)}: {_state(anomaly)} ({_reference(anomaly)})"


def change(anomaly: Anomaly) -> str:
    """Return a sentence: since when, what, how far from usual, and the limit."""
    changes = _UNKNOWN_USUAL if anomaly.baseline_value is None else _CHANGES
    what = changes[anomaly.anomaly_type].format(subject(anomaly))
    if anomaly.anomaly_type is AnomalyType.TRAFFIC_DROP and anomaly.metric_value == 0:
        what = f"{subject(anomaly)} receives no requests"
    limit = measured(anomaly.metric_name, anomaly.threshold_value)
    since = clock(anomaly.window_start)
    return (
        f"Since {since} UTC, {what}: {_worst(anomaly)} in the worst minute, {_distance(anomaly)}; the limit is {limit}."
    )


def impact(anomaly: Anomaly) -> str:
    """Return a sentence on the requests concerned."""
    requests = anomaly.evidence.sample_size
    if anomaly.anomaly_type is AnomalyType.ERROR_SURGE:
        failed = f"{failed_in_worst(anomaly):,} of {count(requests, 'request')} failed"
        return f"In {subject(anomaly)}, {failed} in the worst minute."
    if anomaly.anomaly_type is AnomalyType.LATENCY_SPIKE:
        slow = f"5 % of {count(requests, 'request')} took {latency(anomaly.metric_value)} or longer"
        return f"In {subject(anomaly)}, {slow} in the worst minute."
    arrived = f"{count(requests, 'request')} arrived in the worst minute"
    if anomaly.baseline_value is None:
        return f"In {subject(anomaly)}, {arrived}."
    return f"In {subject(anomaly)}, {arrived}; about {per_minute(anomaly.baseline_value):,} are usual."


def _state(anomaly: Anomaly) -> str:
    value = measured(anomaly.metric_name, anomaly.metric_value)
    if anomaly.anomaly_type is AnomalyType.ERROR_SURGE:
        return f"{value} of requests fail"
    if anomaly.anomaly_type is AnomalyType.LATENCY_SPIKE:
        return f"p95 latency is {value}"
    if anomaly.anomaly_type is AnomalyType.TRAFFIC_SURGE:
        return f"traffic rose to {value}"
    return "no requests arrive" if anomaly.metric_value == 0 else f"traffic fell to {value}"


def _reference(anomaly: Anomaly) -> str:
    if anomaly.baseline_value is None:
        return f"limit {measured(anomaly.metric_name, anomaly.threshold_value)}"
    return f"usually {measured(anomaly.metric_name, anomaly.baseline_value)}"


def _worst(anomaly: Anomaly) -> str:
    value = measured(anomaly.metric_name, anomaly.metric_value)
    return f"p95 latency was {value}" if anomaly.anomaly_type is AnomalyType.LATENCY_SPIKE else value


def _distance(anomaly: Anomaly) -> str:
    if anomaly.baseline_value is None:
        return "and what is usual is not known yet"
    usual = measured(anomaly.metric_name, anomaly.baseline_value)
    factor = times_usual(anomaly)
    if factor is not None and anomaly.anomaly_type is AnomalyType.TRAFFIC_DROP and 0 < factor < 1:
        return f"{percent(1 - factor)} below the usual {usual}"
    smallest, largest = _TELLING_FACTORS
    if factor is not None and smallest <= factor < largest:
        return f"{rounded(factor)} times the usual {usual}"
    return f"where {usual} is usual"
