"""Queries about anomalies and the evidence that they rest on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from contracts.anomalies import Evidence, EvidenceWindow
from exporters.store.incident_queries import find_incidents
from exporters.store.pool import CursorPool, Row
from exporters.store.selection import Filter

_ANOMALIES = """
WITH found AS (
    SELECT
        * EXCLUDE (evidence),
        is_open_at(window_start, resolved_at, $as_of_ms) AS is_open,
        end_ms(window_start, resolved_at, $as_of_ms, $now_ms) AS ended_ms
    FROM anomalies
    WHERE ($incidents IS NULL OR list_contains($incidents, incident_id))
        AND ($severities IS NULL OR list_contains($severities, severity))
        AND ($services IS NULL OR list_contains($services, service))
        AND ($endpoints IS NULL OR endpoint = '' OR list_contains($endpoints, endpoint))
)
SELECT
    anomaly_id, incident_id, severity, is_open, service, endpoint, anomaly_type, metric_name,
    metric_value, baseline_value, threshold_value,
    epoch_ms(window_start) AS started_ms, ended_ms, epoch_ms(detected_at) AS detected_ms, description
FROM found
WHERE epoch_ms(window_start) <= $to_ms AND ended_ms >= $from_ms AND ($state IS NULL OR is_open = ($state = 'open'))
ORDER BY {order} window_start DESC, anomaly_id
LIMIT $limit
"""
_CRITICAL_FIRST = "severity = 'critical' DESC,"

_MAIN = """
SELECT metric_name, epoch_ms(window_start) AS started_ms, evidence
FROM anomalies
WHERE incident_id = $incident_id
ORDER BY severity = 'critical' DESC, window_start, endpoint, detected_at, anomaly_id
LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """An anomaly as at one moment; ``ended_ms`` of an open one is that moment, ``endpoint`` '' is the whole service."""

    anomaly_id: str
    incident_id: str
    severity: str
    is_open: bool
    service: str
    endpoint: str
    anomaly_type: str
    metric_name: str
    metric_value: float
    baseline_value: float | None
    threshold_value: float
    started_ms: int
    ended_ms: int
    detected_ms: int
    description: str


@dataclass(frozen=True, slots=True)
class MainEvidence:
    """What an incident's main anomaly rests on: its windows, oldest first, in the unit of the metric."""

    metric_name: str
    started_ms: int
    windows: Sequence[EvidenceWindow]


def find_anomalies(pool: CursorPool, asked: Filter) -> list[Anomaly]:
    """Return anomalies, critical before warning, then newest first."""
    return [Anomaly(**row) for row in asked.rows(pool, "anomalies", _ANOMALIES.format(order=_CRITICAL_FIRST))]


def newest_anomalies(pool: CursorPool, asked: Filter) -> list[Anomaly]:
    """Return anomalies, newest first."""
    return [Anomaly(**row) for row in asked.rows(pool, "annotations", _ANOMALIES.format(order=""))]


def main_evidence(pool: CursorPool, asked: Filter) -> MainEvidence | None:
    """Return the evidence of the newest incident that is asked for, None when there is none.

    An incident's main anomaly is the first of its critical ones, or of its warnings, that of the whole service before
    those of endpoints.
    """
    incidents = find_incidents(pool, replace(asked, limit=1), "evidence")
    if not incidents:
        return None
    (row,) = pool.rows("evidence", _MAIN, {"incident_id": incidents[0].incident_id})
    return _evidence(row)


def _evidence(row: Row) -> MainEvidence:
    windows = Evidence.model_validate_json(row["evidence"]).windows
    return MainEvidence(row["metric_name"], row["started_ms"], sorted(windows, key=lambda window: window.window_start))
