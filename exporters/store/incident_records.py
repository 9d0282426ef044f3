"""Anomalies, summaries and injections: merged by id, each id counted once."""

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa
from pydantic import BaseModel

from contracts import metrics
from contracts.anomalies import Anomaly
from contracts.injections import Injection
from contracts.summaries import IncidentSummary
from exporters.store.arriving import UTC_TIME
from exporters.store.counters import Rises
from exporters.store.revisions import merge_revisions, stored_values
from exporters.store.service_labels import counted_labels

_TEXTS = pa.list_(pa.string())
_REVISION = [("revision", pa.int64()), ("emitted_at", UTC_TIME)]
_ANOMALY = pa.schema(
    [
        ("anomaly_id", pa.string()),
        *_REVISION,
        ("incident_id", pa.string()),
        *((name, UTC_TIME) for name in ("detected_at", "window_start", "window_end")),
        *((name, pa.string()) for name in ("service", "endpoint", "anomaly_type", "severity", "metric_name")),
        *((name, pa.float64()) for name in ("metric_value", "baseline_value", "threshold_value")),
        ("description", pa.string()),
        ("resolved", pa.bool_()),
        ("resolved_at", UTC_TIME),
        ("evidence", pa.string()),
        ("first_severity", pa.string()),
    ]
)
_SUMMARY = pa.schema(
    [
        ("incident_id", pa.string()),
        *_REVISION,
        ("anomaly_ids", _TEXTS),
        *((name, pa.string()) for name in ("headline", "summary", "impact")),
        ("most_affected", _TEXTS),
        ("hypothesis", pa.string()),
        ("check_first", _TEXTS),
        *((name, pa.string()) for name in ("confidence", "model", "source", "grounded")),
        ("generation_seconds", pa.float64()),
    ]
)
_INJECTION = pa.schema(
    [
        ("injection_id", pa.string()),
        *_REVISION,
        *((name, pa.string()) for name in ("service", "kind")),
        *((name, UTC_TIME) for name in ("started_at", "ended_at")),
        ("magnitude", pa.float64()),
        ("origin", pa.string()),
    ]
)


def write_anomalies(cursor: duckdb.DuckDBPyConnection, anomalies: Sequence[Anomaly], rises: Rises) -> None:
    """Write the newest revision of each anomaly; count those that are new by the severity that came first."""
    if not anomalies:
        return
    stored = stored_values(cursor, "anomalies", "anomaly_id", "first_severity", (a.anomaly_id for a in anomalies))
    first: dict[str, Anomaly] = {}
    for anomaly in anomalies:
        first.setdefault(anomaly.anomaly_id, anomaly)
    facts = [
        {
            **_columns(anomaly, _ANOMALY),
            "evidence": anomaly.evidence.model_dump_json(),
            "first_severity": stored.get(anomaly.anomaly_id, first[anomaly.anomaly_id].severity.value),
        }
        for anomaly in anomalies
    ]
    merge_revisions(cursor, "anomalies", ["anomaly_id"], facts, _ANOMALY)
    new = [anomaly for anomaly_id, anomaly in first.items() if anomaly_id not in stored]
    labels = counted_labels(cursor, metrics.ANOMALIES_DETECTED, [anomaly.service for anomaly in new])
    for anomaly in new:
        told = {"service": labels[anomaly.service], "type": anomaly.anomaly_type, "severity": anomaly.severity}
        rises.add(metrics.ANOMALIES_DETECTED.name, 1, told)


def write_summaries(cursor: duckdb.DuckDBPyConnection, summaries: Sequence[IncidentSummary], rises: Rises) -> None:
    """Write every revision of each account; count incidents that are told for the first time by who told them."""
    if not summaries:
        return
    told = stored_values(cursor, "incident_summaries", "incident_id", "source", (s.incident_id for s in summaries))
    facts = [_columns(summary, _SUMMARY) for summary in summaries]
    merge_revisions(cursor, "incident_summaries", ["incident_id", "revision"], facts, _SUMMARY)
    for summary in summaries:
        if summary.incident_id not in told:
            told[summary.incident_id] = summary.source
            rises.add(metrics.INCIDENT_SUMMARIES.name, 1, {"source": summary.source})


def write_injections(cursor: duckdb.DuckDBPyConnection, injections: Sequence[Injection], rises: Rises) -> None:
    """Write the newest revision of each injection; count those that are new."""
    if not injections:
        return
    stored = stored_values(cursor, "injections", "injection_id", "kind", (i.injection_id for i in injections))
    merge_revisions(
        cursor,
        "injections",
        ["injection_id"],
        [_columns(injection, _INJECTION) for injection in injections],
        _INJECTION,
    )
    new = {i.injection_id: i for i in reversed(injections) if i.injection_id not in stored}
    labels = counted_labels(cursor, metrics.INJECTIONS_RECORDED, [injection.service for injection in new.values()])
    for injection in new.values():
        told = {"service": labels[injection.service], "kind": injection.kind}
        rises.add(metrics.INJECTIONS_RECORDED.name, 1, told)


def _columns(record: BaseModel, schema: pa.Schema) -> Mapping[str, object]:
    return record.model_dump(include={*schema.names} - {"evidence"})
