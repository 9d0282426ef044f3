"""Queries about incidents and what was written about them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from exporters.store.pool import CursorPool, Row
from exporters.store.selection import Filter

_ORDERS = {
    "newest": "started_at DESC, incident_id",
    "worst": "severity = 'critical' DESC, started_at, incident_id",
    "in_range": "in_range DESC, started_at DESC, incident_id",
}

_FOUND = """
WITH found AS (
    SELECT
        *,
        is_open_at(started_at, resolved_at, $as_of_ms) AS is_open,
        end_ms(started_at, resolved_at, $as_of_ms, $now_ms) AS ended_ms,
        epoch_ms(started_at) <= $to_ms AND ended_ms >= $from_ms AS in_range
    FROM incidents
    WHERE ($incidents IS NULL OR list_contains($incidents, incident_id))
        AND ($severities IS NULL OR list_contains($severities, severity))
        AND ($services IS NULL OR incident_id IN (
            SELECT incident_id FROM anomalies WHERE list_contains($services, service)
        ))
        AND ($endpoints IS NULL OR incident_id IN (
            SELECT incident_id FROM anomalies WHERE endpoint = '' OR list_contains($endpoints, endpoint)
        ))
),
chosen AS (
    SELECT * FROM found
    WHERE {condition} AND ($state IS NULL OR is_open = ($state = 'open'))
    ORDER BY {order}
    LIMIT $limit
),
"""

_INCIDENTS = """
members AS (
    SELECT
        incident_id,
        list(service ORDER BY window_start, detected_at, anomaly_id) AS services,
        list(endpoint ORDER BY window_start, detected_at, anomaly_id) AS endpoints,
        list(anomaly_type ORDER BY window_start, detected_at, anomaly_id) AS types
    FROM anomalies SEMI JOIN chosen USING (incident_id)
    GROUP BY incident_id
),
told AS (
    SELECT incident_summaries.*
    FROM incident_summaries SEMI JOIN chosen USING (incident_id)
    QUALIFY row_number() OVER (PARTITION BY incident_id ORDER BY revision DESC) = 1
)
SELECT
    chosen.incident_id, is_open, severity, epoch_ms(started_at) AS started_ms, ended_ms,
    epoch_ms(detected_at) AS detected_ms, anomaly_count,
    services, endpoints, types,
    revision, headline, summary, impact, most_affected, hypothesis, check_first, confidence, model, source, grounded,
    generation_seconds
FROM chosen JOIN members USING (incident_id) LEFT JOIN told USING (incident_id)
ORDER BY {order}
"""

_SUMMARIES = """
WITH told_of AS (
    SELECT incident_id, arg_min(service, (window_start, detected_at, anomaly_id)) AS service, list(service) AS services
    FROM anomalies
    GROUP BY incident_id
)
SELECT
    incident_id, revision, epoch_ms(emitted_at) AS emitted_at, coalesce(service, '') AS service,
    source, model, confidence, grounded, generation_seconds, headline
FROM incident_summaries LEFT JOIN told_of USING (incident_id)
WHERE epoch_ms(emitted_at) BETWEEN $from_ms AND $to_ms
    AND ($incidents IS NULL OR list_contains($incidents, incident_id))
    AND ($services IS NULL OR list_has_any($services, services))
ORDER BY incident_summaries.emitted_at DESC, incident_id, revision DESC
LIMIT $limit
"""


@dataclass(frozen=True, slots=True)
class Account:
    """The newest revision of what was written about an incident; ``hypothesis`` is None when there is none."""

    revision: int
    headline: str
    summary: str
    impact: str
    most_affected: Sequence[str]
    hypothesis: str | None
    check_first: Sequence[str]
    confidence: str
    model: str
    source: str
    grounded: str
    generation_seconds: float


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as at one moment.

    ``services``, ``endpoints`` (without '') and ``types`` are in the order in which they were affected, each once.
    ``ended_ms`` of an open one is that moment; ``account`` is None until something was written.
    """

    incident_id: str
    is_open: bool
    severity: str
    started_ms: int
    ended_ms: int
    detected_ms: int
    anomaly_count: int
    services: Sequence[str]
    endpoints: Sequence[str]
    types: Sequence[str]
    account: Account | None


def find_incidents(pool: CursorPool, asked: Filter, query: str = "incidents") -> list[Incident]:
    """Return incidents, newest first; those that are asked for as open with the worst first, then the oldest."""
    return _incidents(pool, asked, query, "worst" if asked.state == "open" else "newest", "in_range")


def recent_incidents(pool: CursorPool, asked: Filter) -> list[Incident]:
    """Return the incidents of the range, newest first, and then others, newest first, up to the limit."""
    return _incidents(pool, asked, "variables", "in_range", "TRUE")


def incidents_by_id(pool: CursorPool, ids: Sequence[str], asked: Filter, query: str) -> dict[str, Incident]:
    """Return incidents by their ids, as at the same moment as the filter's."""
    if not ids:
        return {}
    wanted = replace(asked, incidents=ids, services=None, endpoints=None, severities=None, state=None, limit=len(ids))
    return {incident.incident_id: incident for incident in _incidents(pool, wanted, query, "newest", "TRUE")}


def _incidents(pool: CursorPool, asked: Filter, query: str, order: str, condition: str) -> list[Incident]:
    statement = (_FOUND + _INCIDENTS).format(condition=condition, order=_ORDERS[order])
    return [_incident(row) for row in asked.rows(pool, query, statement)]


def _incident(row: Row) -> Incident:
    account = {name: row.pop(name) for name in Account.__slots__}
    for name in ("services", "endpoints", "types"):
        row[name] = [item for item in dict.fromkeys(row[name]) if item]
    return Incident(**row, account=None if account["revision"] is None else Account(**account))


def summary_rows(pool: CursorPool, asked: Filter) -> list[Row]:
    """Return every revision that was written in the range, newest first."""
    return asked.rows(pool, "summaries", _SUMMARIES)
