"""The limits of what detector, narrator and generator publish: anomalies, summaries and injections."""

from contracts.anomalies import Anomaly
from contracts.injections import Injection
from contracts.records import MalformedRecordError
from contracts.summaries import IncidentSummary
from exporters.store.decode_windows import check_counts, check_name

MAX_NUMBER = 1e12
"""No ratio, no latency in seconds and no rate is larger; below it, all that is computed from numbers is finite."""


def check_anomaly(anomaly: Anomaly) -> Anomaly:
    """Return the anomaly.

    Raises:
        MalformedRecordError: its series cannot be, it ends before it begins, or its numbers exceed what can be.
    """
    check_counts(anomaly.revision)
    _check_numbers(anomaly.metric_value, anomaly.baseline_value or 0.0, anomaly.threshold_value)
    check_name("service", anomaly.service)
    if anomaly.endpoint:
        check_name("endpoint", anomaly.endpoint)
    if anomaly.resolved_at is not None and anomaly.resolved_at < anomaly.window_start:
        raise MalformedRecordError("resolved_at is before window_start")
    return anomaly


def check_summary(summary: IncidentSummary) -> IncidentSummary:
    """Return the summary.

    Raises:
        MalformedRecordError: its revision exceeds the column.
    """
    check_counts(summary.revision)
    return summary


def check_injection(injection: Injection) -> Injection:
    """Return the injection.

    Raises:
        MalformedRecordError: its service cannot be, it ends before it begins, or its numbers exceed what can be.
    """
    check_counts(injection.revision)
    _check_numbers(injection.magnitude)
    check_name("service", injection.service)
    if injection.ended_at < injection.started_at:
        raise MalformedRecordError("ended_at is before started_at")
    return injection


def _check_numbers(*numbers: float) -> None:
    if max(map(abs, numbers)) > MAX_NUMBER:
        raise MalformedRecordError(f"a number is at most {MAX_NUMBER:g}")
