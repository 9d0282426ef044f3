"""Anomalies, summaries and injections: read as written, limited, and never half said."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.anomalies import (
    MAX_EVIDENCE_ENDPOINTS,
    MAX_EVIDENCE_SERVICES,
    MAX_EVIDENCE_WINDOWS,
    Anomaly,
    AnomalyType,
    Evidence,
    EvidenceEndpoint,
    EvidenceService,
    EvidenceWindow,
    MetricName,
    Severity,
)
from contracts.injections import Injection
from contracts.records import MalformedRecordError, Record
from contracts.summaries import Grounding, IncidentSummary
from contracts.topics import MAX_RECORD_BYTES

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WINDOW = EvidenceWindow(
    window_start=MOMENT,
    requests=200,
    errors=60,
    latency_p95_seconds=0.21,
    value=0.3,
    expected=0.002,
    threshold=0.01,
)
ANOMALY = Anomaly(
    anomaly_id="a1",
    revision=1,
    emitted_at=MOMENT + 2 * MINUTE,
    incident_id="i1",
    detected_at=MOMENT + 2 * MINUTE,
    window_start=MOMENT,
    window_end=MOMENT + MINUTE,
    service="payments",
    endpoint="",
    anomaly_type=AnomalyType.ERROR_SURGE,
    severity=Severity.CRITICAL,
    metric_name=MetricName.ERROR_RATIO,
    metric_value=0.3,
    baseline_value=0.002,
    threshold_value=0.01,
    description="30 % of 200 requests failed; usual is 0.2 %, the limit 1 %",
    resolved=False,
    resolved_at=None,
    evidence=Evidence(rule="error_rate", sample_size=200, windows=(WINDOW,)),
)
SUMMARY = IncidentSummary(
    incident_id="i1",
    revision=1,
    emitted_at=MOMENT,
    anomaly_ids=("a1",),
    headline="payments fails",
    summary="30 % of 200 requests failed.",
    impact="60 requests failed.",
    most_affected=("payments",),
    hypothesis=None,
    check_first=("payments' log",),
    confidence="low",
    model="",
    source="template",
    grounded=Grounding.TEMPLATE,
    generation_seconds=0.0,
)
INJECTION = Injection(
    injection_id="j1",
    revision=1,
    emitted_at=MOMENT,
    service="payments",
    kind=AnomalyType.LATENCY_SPIKE,
    started_at=MOMENT,
    ended_at=MOMENT + 3 * MINUTE,
    magnitude=6.2,
    origin="request",
)


@pytest.mark.parametrize("record", [ANOMALY, SUMMARY, INJECTION], ids=lambda record: type(record).__name__)
def test_a_record_is_read_as_it_was_written(record: Record) -> None:
    assert type(record).decode(record.encode()) == record


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"resolved":false', b'"resolved":true'),
        (b'"severity":"critical"', b'"severity":"fatal"'),
        (b'"anomaly_type":"error_surge"', b'"anomaly_type":"other"'),
        (b'"metric_value":0.3', b'"metric_value":NaN'),
        (b'"revision":1', b'"revision":0'),
        (b'"window_end":"2026-01-01T00:01:00Z"', b'"window_end":"2026-01-01T00:00:00Z"'),
    ],
)
def test_an_anomaly_that_contradicts_itself_is_malformed(old: bytes, new: bytes) -> None:
    value = ANOMALY.encode()
    assert old in value
    with pytest.raises(MalformedRecordError):
        Anomaly.decode(value.replace(old, new))


def test_the_largest_anomaly_is_within_the_limit() -> None:
    service = EvidenceService(
        service="s" * 128,
        requests=2**40,
        error_ratio=0.123456789012345,
        usual_error_ratio=0.123456789012345,
        latency_p95_seconds=3599.123456789012,
        usual_latency_p95_seconds=3599.123456789012,
    )
    endpoint = EvidenceEndpoint(endpoint="😀" * 256, requests=2**40, errors=2**40, latency_p95_seconds=3599.12345)
    evidence = Evidence(
        rule="error_rate",
        sample_size=2**40,
        windows=(WINDOW,) * MAX_EVIDENCE_WINDOWS,
        services=(service,) * MAX_EVIDENCE_SERVICES,
        endpoints=(endpoint,) * MAX_EVIDENCE_ENDPOINTS,
    )
    assert len(ANOMALY.model_copy(update={"evidence": evidence}).encode()) < MAX_RECORD_BYTES // 8


def test_every_metric_has_a_unit_and_every_severity_a_rank() -> None:
    assert [name.unit for name in MetricName] == ["percentunit", "s", "reqps"]
    assert Severity.WARNING.rank < Severity.CRITICAL.rank
