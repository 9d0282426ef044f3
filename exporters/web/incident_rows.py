"""Incidents, anomalies and injections as rows of the JSON API; the specification says what each key means."""

import math
from datetime import timedelta

from contracts.anomalies import MetricName
from contracts.times import to_epoch_ms
from exporters.store.anomaly_queries import Anomaly, MainEvidence
from exporters.store.incident_queries import Account, Incident
from exporters.store.injection_queries import Injection
from exporters.store.pool import Row
from exporters.web.report import headline, report_markdown
from exporters.web.wording import UNKNOWN, WHOLE_SERVICE, quantity, size, words

_BEFORE_MS = timedelta(minutes=20) // timedelta(milliseconds=1)
_AFTER_MS = timedelta(minutes=15) // timedelta(milliseconds=1)
_MINUTE_SECONDS = 60


def incident_row(incident: Incident, now_ms: int) -> Row:
    """Return the row of ``/incidents``."""
    return {
        "incident_id": incident.incident_id,
        "state": state(is_open=incident.is_open),
        "severity": incident.severity,
        "service": incident.services[0],
        "services": ", ".join(incident.services),
        "endpoints": ", ".join(incident.endpoints),
        "types": types(incident),
        "started_at": incident.started_ms,
        "ended_at": incident.ended_ms,
        "duration_seconds": _seconds(incident.started_ms, incident.ended_ms),
        "detection_delay_seconds": _seconds(incident.started_ms, incident.detected_ms),
        "anomaly_count": incident.anomaly_count,
        "headline": headline(incident),
        **_account(incident.account),
        **link(incident.started_ms, incident.ended_ms, now_ms),
        "report_markdown": report_markdown(incident),
    }


def _account(account: Account | None) -> Row:
    if account is None:
        texts = ("summary", "impact", "most_affected", "hypothesis", "check_first")
        return {
            **dict.fromkeys((*texts, "confidence", "source", "grounded", "model"), ""),
            "revision": 0,
            "generation_seconds": 0,
        }
    return {
        "summary": account.summary,
        "impact": account.impact,
        "most_affected": ", ".join(account.most_affected),
        "hypothesis": account.hypothesis or "",
        "check_first": "; ".join(account.check_first),
        "confidence": account.confidence,
        "source": account.source,
        "grounded": account.grounded,
        "model": account.model,
        "revision": account.revision,
        "generation_seconds": account.generation_seconds,
    }


def anomaly_row(anomaly: Anomaly) -> Row:
    """Return the row of ``/anomalies``; without a baseline, baseline_value and deviation are None."""
    metric_name, baseline = anomaly.metric_name, anomaly.baseline_value
    return {
        "anomaly_id": anomaly.anomaly_id,
        "incident_id": anomaly.incident_id,
        "severity": anomaly.severity,
        "state": state(is_open=anomaly.is_open),
        "service": anomaly.service,
        "endpoint": anomaly.endpoint or WHOLE_SERVICE,
        "anomaly_type": anomaly.anomaly_type,
        "metric_name": metric_name,
        "metric_value": anomaly.metric_value,
        "baseline_value": baseline,
        "threshold_value": anomaly.threshold_value,
        "value_text": quantity(anomaly.metric_value, metric_name),
        "baseline_text": UNKNOWN if baseline is None else quantity(baseline, metric_name),
        "threshold_text": quantity(anomaly.threshold_value, metric_name),
        "deviation": _deviation(anomaly.metric_value, baseline),
        "started_at": anomaly.started_ms,
        "ended_at": anomaly.ended_ms,
        "detected_at": anomaly.detected_ms,
        "duration_seconds": _seconds(anomaly.started_ms, anomaly.ended_ms),
        "description": anomaly.description,
    }


def _deviation(value: float, baseline: float | None) -> float | None:
    """Return value / baseline; None without a baseline, or where it is (almost) 0 and no number says how much more."""
    if baseline is None or baseline == 0 or not math.isfinite(value / baseline):
        return None
    return value / baseline


def evidence_rows(evidence: MainEvidence) -> list[Row]:
    """Return the rows of ``/evidence``; what a window does not have (requests, a baseline) is None."""
    return [
        {
            "minute": (to_epoch_ms(window.window_start) - evidence.started_ms) // (1000 * _MINUTE_SECONDS),
            "time": to_epoch_ms(window.window_start),
            "value": window.value,
            "expected": window.expected,
            "threshold": window.threshold,
            "unit": MetricName(evidence.metric_name).unit,
            "metric_name": evidence.metric_name,
        }
        for window in evidence.windows
    ]


def injection_row(injection: Injection, incident: Incident | None, now_ms: int) -> Row:
    """Return the row of ``/injections``; ``incident`` is the one that reported it."""
    return {
        "injection_id": injection.injection_id,
        "service": injection.service,
        "kind": injection.kind,
        "started_at": injection.started_ms,
        "ended_at": injection.ended_ms,
        "duration_seconds": _seconds(injection.started_ms, injection.ended_ms),
        "magnitude": size(injection.kind, injection.magnitude),
        "outcome": injection.outcome,
        "detection_delay_seconds": injection.delay_seconds,
        "incident_id": injection.incident_id,
        **link(injection.started_ms, injection.ended_ms, now_ms),
        "note": "" if incident is None else headline(incident),
    }


def state(*, is_open: bool) -> str:
    """Return how a state is called."""
    return "open" if is_open else "resolved"


def types(incident: Incident) -> str:
    """Return the kinds of an incident's anomalies in words."""
    return ", ".join(words(kind) for kind in incident.types)


def link(started_ms: int, ended_ms: int, now_ms: int) -> Row:
    """Return the range that a link to something should open: somewhat more than its time, at most until now."""
    return {"link_from": started_ms - _BEFORE_MS, "link_to": min(ended_ms + _AFTER_MS, now_ms)}


def _seconds(from_ms: int, to_ms: int) -> float:
    return max(0, to_ms - from_ms) / 1000
