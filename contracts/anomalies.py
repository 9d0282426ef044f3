"""The record of the topic ``anomalies``: what the detector found, with the evidence it decided on.

A reader keeps, for each ``anomaly_id``, the revision with the highest ``(revision, emitted_at)``.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.records import Count, Record, Seconds, UtcTime

INCIDENT_JOIN = timedelta(minutes=5)
"""An anomaly joins an open incident only when it begins within this time of the incident's first onset."""

MAX_EVIDENCE_WINDOWS = 15
MAX_EVIDENCE_SERVICES = 20
MAX_EVIDENCE_ENDPOINTS = 10

Number = Annotated[float, Field(allow_inf_nan=False)]
Ratio = Annotated[float, Field(ge=0, le=1)]


class AnomalyType(StrEnum):
    """What kind of deviation it is; also what the generator can inject."""

    ERROR_SURGE = "error_surge"
    LATENCY_SPIKE = "latency_spike"
    TRAFFIC_DROP = "traffic_drop"
    TRAFFIC_SURGE = "traffic_surge"


class Severity(StrEnum):
    """How bad it is. An anomaly's severity only rises: it is that of its worst window so far."""

    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """1 for warning, 2 for critical."""
        return 2 if self is Severity.CRITICAL else 1


class MetricName(StrEnum):
    """What was measured; the unit is part of the meaning."""

    ERROR_RATIO = "error_ratio"
    LATENCY_P95 = "latency_p95_seconds"
    REQUEST_RATE = "request_rate"

    @property
    def unit(self) -> str:
        """Grafana's name of the unit: percentunit (a ratio from 0 to 1), s, or reqps."""
        return {"error_ratio": "percentunit", "latency_p95_seconds": "s", "request_rate": "reqps"}[self.value]


class _Evidence(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class EvidenceWindow(_Evidence):
    """One window of the anomaly's service, as the rule saw it. ``value`` is None in a window without requests.

    ``value``, ``expected`` and ``threshold`` are in the unit of the anomaly's metric; ``expected`` is None where there
    was no baseline yet.
    """

    window_start: UtcTime
    requests: Count
    errors: Count
    latency_p95_seconds: Seconds | None
    value: Number | None
    expected: Number | None
    threshold: Number | None


class EvidenceService(_Evidence):
    """Another service in the newest judged window, beside what is usual for it (None without a baseline)."""

    service: str
    requests: Count
    error_ratio: Ratio | None
    usual_error_ratio: Ratio | None
    latency_p95_seconds: Seconds | None
    usual_latency_p95_seconds: Seconds | None


class EvidenceEndpoint(_Evidence):
    """An endpoint of the anomaly's service in its worst window, the one that contributes most first."""

    endpoint: str
    requests: Count
    errors: Count
    latency_p95_seconds: Seconds | None


class Evidence(_Evidence):
    """All that the decision rests on, and all that the narrator is given.

    Args:
        rule: the rule's documented name.
        sample_size: requests in the worst window.
        windows: the last windows of the service, oldest first, the worst among them while it is recent.
        services: other services, the most deviating first.
        endpoints: endpoints of the service, the one that contributes most first.
    """

    rule: str
    sample_size: Count
    windows: Annotated[tuple[EvidenceWindow, ...], Field(max_length=MAX_EVIDENCE_WINDOWS)]
    services: Annotated[tuple[EvidenceService, ...], Field(max_length=MAX_EVIDENCE_SERVICES)] = ()
    endpoints: Annotated[tuple[EvidenceEndpoint, ...], Field(max_length=MAX_EVIDENCE_ENDPOINTS)] = ()


class Anomaly(Record):
    """One revision of an anomaly.

    ``detected_at`` is the stream time at which it was called. ``window_start`` is the start of the first bad window,
    ``window_end`` the end of the last bad one so far. ``metric_value``, ``baseline_value`` (None without a baseline)
    and ``threshold_value`` are those of the worst window so far, in the metric's unit. ``endpoint`` '' is the whole
    service. ``resolved_at`` is the end of the last bad window, known once the anomaly is resolved.

    >>> MetricName.LATENCY_P95.unit
    's'
    """

    anomaly_id: Annotated[str, Field(min_length=1, max_length=64)]
    revision: Annotated[int, Field(ge=1)]
    emitted_at: UtcTime
    incident_id: Annotated[str, Field(min_length=1, max_length=64)]
    detected_at: UtcTime
    window_start: UtcTime
    window_end: UtcTime
    service: str
    endpoint: str
    anomaly_type: AnomalyType
    severity: Severity
    metric_name: MetricName
    metric_value: Number
    baseline_value: Number | None
    threshold_value: Number
    description: str
    resolved: bool
    resolved_at: UtcTime | None
    evidence: Evidence

    @model_validator(mode="after")
    def _resolved_with_its_time(self) -> Self:
        if self.resolved != (self.resolved_at is not None):
            raise ValueError("resolved_at is given exactly when resolved is true")
        if self.window_end <= self.window_start:
            raise ValueError("window_end is after window_start")
        return self
