"""Records of detector, narrator and generator for tests. Times are in minutes after ``START``."""

from datetime import timedelta

from contracts.anomalies import Anomaly, Evidence, EvidenceWindow
from contracts.injections import Injection
from contracts.records import Record
from contracts.summaries import IncidentSummary
from contracts.times import to_epoch_ms
from contracts.topics import ANOMALIES, INCIDENT_SUMMARIES, INJECTIONS
from exporters.store.sink import Sink
from runtime.topic_log import TopicPartition
from tests.fast.exporters.traffic import MINUTE, START, batch_end, messages

FOUND = TopicPartition(ANOMALIES.name, 0)
TOLD = TopicPartition(INCIDENT_SUMMARIES.name, 0)
INJECTED = TopicPartition(INJECTIONS.name, 0)
HOSTILE = "<script>alert('x')</script>\n# **[a](http://b.c)** `|~\"&\u202e"


def at(minutes: float) -> int:
    """Return a time in epoch milliseconds."""
    return to_epoch_ms(START + minutes * MINUTE)


def window(minute: int = 0, value: float | None = 0.36, expected: float | None = 0.002) -> EvidenceWindow:
    return EvidenceWindow(
        window_start=START + minute * MINUTE,
        requests=100,
        errors=36,
        latency_p95_seconds=0.2,
        value=value,
        expected=expected,
        threshold=0.01,
    )


def anomaly(anomaly_id: str = "a", start: float = 0, end: float | None = None, **changed: object) -> Anomaly:
    """Return an anomaly that is open, or that resolved at ``end``."""
    fields: dict[str, object] = {
        "anomaly_id": anomaly_id,
        "revision": 1 if end is None else 2,
        "emitted_at": START + start * MINUTE + timedelta(seconds=75),
        "incident_id": "i",
        "detected_at": START + start * MINUTE + timedelta(seconds=71),
        "window_start": START + start * MINUTE,
        "window_end": START + (start + 1 if end is None else end) * MINUTE,
        "service": "payments",
        "endpoint": "",
        "anomaly_type": "error_surge",
        "severity": "critical",
        "metric_name": "error_ratio",
        "metric_value": 0.355,
        "baseline_value": 0.0019,
        "threshold_value": 0.0116,
        "description": "the error ratio is more than 3 times the usual",
        "resolved": end is not None,
        "resolved_at": None if end is None else START + end * MINUTE,
        "evidence": Evidence(rule="error_ratio_over_baseline", sample_size=100, windows=(window(),)),
    }
    return Anomaly.model_validate({**fields, **changed}, strict=False)


def summary(incident_id: str = "i", revision: int = 1, **changed: object) -> IncidentSummary:
    fields: dict[str, object] = {
        "incident_id": incident_id,
        "revision": revision,
        "emitted_at": START + (2 + revision) * MINUTE,
        "anomaly_ids": ("a",),
        "headline": "payments fails 36 % of requests",
        "summary": "Errors rose from 0.19 % to 35.5 %.",
        "impact": "About 895 failed payments per minute.",
        "most_affected": ("/api/charge (58 % errors)", "/api/refund (21 % errors)"),
        "hypothesis": "A dependency of /api/charge times out.",
        "check_first": ("The last deployment", "Time-outs"),
        "confidence": "high",
        "model": "llama3.1:8b",
        "source": "llm",
        "grounded": "grounded",
        "generation_seconds": 32.0,
    }
    return IncidentSummary.model_validate({**fields, **changed}, strict=False)


def template(incident_id: str = "i", **changed: object) -> IncidentSummary:
    """Return the first revision, that which needs no model."""
    fields: dict[str, object] = {"source": "template", "grounded": "template", "model": "", "hypothesis": None}
    return summary(incident_id, 1, **{**fields, "confidence": "low", "generation_seconds": 0.0, **changed})


def injection(injection_id: str = "n", start: float = 0, end: float = 3, **changed: object) -> Injection:
    fields: dict[str, object] = {
        "injection_id": injection_id,
        "revision": 1,
        "emitted_at": START + start * MINUTE,
        "service": "payments",
        "kind": "error_surge",
        "started_at": START + start * MINUTE,
        "ended_at": START + end * MINUTE,
        "magnitude": 0.55,
        "origin": "chance",
    }
    return Injection.model_validate({**fields, **changed}, strict=False)


def apply(sink: Sink, *records: Record | bytes, cluster_id: str = "A", first_offset: int = 0) -> None:
    """Apply records of any of the three topics, in this order within each."""
    for kind, source in ((Anomaly, FOUND), (IncidentSummary, TOLD), (Injection, INJECTED)):
        told = [record for record in records if isinstance(record, kind)]
        if told:
            sink.apply(cluster_id, messages(told, source, first_offset))


def reach(sink: Sink, minutes: float, *, offset: int = 0) -> None:
    """Let stream time be so many minutes after ``START``."""
    sink.apply("A", messages([batch_end(offset, max_event_time=START + minutes * MINUTE)], first_offset=offset))
