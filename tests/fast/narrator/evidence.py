"""Anomalies as a detector would publish them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.anomalies import (
    Anomaly,
    AnomalyType,
    Evidence,
    EvidenceEndpoint,
    EvidenceService,
    EvidenceWindow,
    MetricName,
    Severity,
)

MINUTE = timedelta(minutes=1)
ONSET = datetime(2026, 1, 1, 13, 37, tzinfo=UTC)
DETECTED = ONSET + MINUTE + timedelta(seconds=10)


def window(minutes: int, requests: int, errors: int, p95: float | None, value: float | None) -> EvidenceWindow:
    return EvidenceWindow(
        window_start=ONSET + minutes * MINUTE,
        requests=requests,
        errors=errors,
        latency_p95_seconds=p95,
        value=value,
        expected=None,
        threshold=None,
    )


def endpoint(name: str, requests: int, errors: int = 0, p95: float | None = 0.2) -> EvidenceEndpoint:
    return EvidenceEndpoint(endpoint=name, requests=requests, errors=errors, latency_p95_seconds=p95)


def other(name: str, **changes: Any) -> EvidenceService:  # noqa: ANN401 - fields of the record
    usual: dict[str, Any] = {
        "requests": 300,
        "error_ratio": 0.002,
        "usual_error_ratio": 0.002,
        "latency_p95_seconds": 0.21,
        "usual_latency_p95_seconds": 0.2,
    }
    return EvidenceService(service=name, **(usual | changes))


_ERRORS: dict[str, Any] = {
    "anomaly_type": AnomalyType.ERROR_SURGE,
    "metric_name": MetricName.ERROR_RATIO,
    "metric_value": 0.3625,
    "baseline_value": 0.002,
    "threshold_value": 0.01,
    "evidence": Evidence(
        rule="error_rate",
        sample_size=240,
        windows=(window(-1, 238, 1, 0.21, 1 / 238), window(0, 240, 87, 0.23, 0.3625)),
        endpoints=(endpoint("/api/charge", 80, 80), endpoint("/api/refund", 160, 7)),
    ),
}
_LATENCY: dict[str, Any] = {
    "anomaly_type": AnomalyType.LATENCY_SPIKE,
    "metric_name": MetricName.LATENCY_P95,
    "metric_value": 1.234,
    "baseline_value": 0.2304,
    "threshold_value": 1.0,
    "evidence": Evidence(
        rule="latency_p95",
        sample_size=240,
        windows=(window(-1, 238, 1, 0.2304, 0.2304), window(0, 240, 0, 1.234, 1.234)),
        endpoints=(endpoint("/api/charge", 80, 0, 1.9), endpoint("/api/refund", 160, 0, 0.31)),
    ),
}
_DROP: dict[str, Any] = {
    "anomaly_type": AnomalyType.TRAFFIC_DROP,
    "metric_name": MetricName.REQUEST_RATE,
    "metric_value": 0.5,
    "baseline_value": 12.0,
    "threshold_value": 6.0,
    "evidence": Evidence(
        rule="traffic", sample_size=30, windows=(window(-1, 720, 1, 0.2, 12.0), window(0, 30, 0, 0.2, 0.5))
    ),
}
_SURGE: dict[str, Any] = {
    "anomaly_type": AnomalyType.TRAFFIC_SURGE,
    "metric_name": MetricName.REQUEST_RATE,
    "metric_value": 60.0,
    "baseline_value": 12.0,
    "threshold_value": 24.0,
    "evidence": Evidence(
        rule="traffic", sample_size=3600, windows=(window(-1, 720, 1, 0.2, 12.0), window(0, 3600, 2, 0.2, 60.0))
    ),
}
_KINDS = {fields["anomaly_type"]: fields for fields in (_ERRORS, _LATENCY, _DROP, _SURGE)}


def anomaly(
    kind: AnomalyType = AnomalyType.ERROR_SURGE,
    **changes: Any,  # noqa: ANN401 - fields of the record
) -> Anomaly:
    """Return an anomaly of a kind, in payments unless another service is given; its id follows from the two."""
    service = changes.get("service", "payments")
    fields: dict[str, Any] = {
        "anomaly_id": f"{service}-{kind}"[:64],
        "revision": 1,
        "emitted_at": DETECTED,
        "incident_id": "incident",
        "detected_at": DETECTED,
        "window_start": ONSET,
        "window_end": ONSET + MINUTE,
        "service": service,
        "endpoint": "",
        "severity": Severity.CRITICAL,
        "description": "",
        "resolved": False,
        "resolved_at": None,
    }
    return Anomaly(**(fields | _KINDS[kind] | changes))


def with_evidence(one: Anomaly, **changes: Any) -> Anomaly:  # noqa: ANN401 - fields of the evidence
    return one.model_copy(update={"evidence": one.evidence.model_copy(update=changes)})
