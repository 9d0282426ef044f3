"""Queries about injected faults, each with the anomaly that found it.

An injection is detected when an anomaly of its service, of any type, begins from ``EARLY`` before it began to ``LATE``
after it ended. It is missed once stream time is ``LATE`` and ``DECIDING`` past its end: until then it may be found.
Injections of one kind and service that follow within ``ONE_FAULT`` are one: what is detected of one is so of all.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from exporters.store.pool import CursorPool
from exporters.store.selection import EVERY, Filter

EARLY = timedelta(seconds=60)
LATE = timedelta(minutes=2)
ONE_FAULT = timedelta(minutes=3)
"""An anomaly goes on when its fault returns so soon, and no on-call engineer could tell the two apart."""
DECIDING = timedelta(minutes=4)
"""An anomaly is told when three windows have been judged, 10 s after the last of them; the rest is for its way here.

Where traffic is so thin that minutes are pooled it may be later: what was missed is then detected after all.
"""

_HOUR = "epoch_ms({}) // 3600000"

# A cluster that was wiped has stopped; the one that is furthest is the one that is read.
_REACHED = """
SELECT epoch_ms(max(reached)) AS reached_ms
FROM (SELECT min(max_event_time) AS reached FROM consumed_offsets GROUP BY cluster_id)
"""

_INJECTIONS = f"""
WITH stream AS ({_REACHED}),
begun AS (
    SELECT
        *,
        CASE WHEN started_at <= max(ended_at) OVER (
            PARTITION BY service, kind ORDER BY started_at, injection_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) + INTERVAL {ONE_FAULT.seconds} SECOND THEN NULL ELSE started_at END AS first_started_at
    FROM injections
    WHERE $services IS NULL OR list_contains($services, service)
),
joined AS (
    SELECT * REPLACE (max(first_started_at) OVER (
        PARTITION BY service, kind ORDER BY started_at, injection_id ROWS UNBOUNDED PRECEDING
    ) AS first_started_at)
    FROM begun
),
found AS (
    SELECT
        *,
        is_open_at(started_at, ended_at, $as_of_ms) AS is_running,
        end_ms(started_at, ended_at, $as_of_ms, $now_ms) AS ended_ms,
        first_started_at - INTERVAL {EARLY.seconds} SECOND AS earliest,
        max(ended_at) OVER (PARTITION BY service, kind, first_started_at)
            + INTERVAL {LATE.seconds} SECOND AS latest,
        epoch_ms(latest + INTERVAL {DECIDING.seconds} SECOND) AS decided_ms,
        coalesce(decided_ms <= reached_ms AND decided_ms <= $as_of_ms, false) AS is_decided
    FROM joined CROSS JOIN stream
),
chosen AS (
    SELECT * FROM found
    WHERE $incidents IS NOT NULL OR (epoch_ms(started_at) <= $to_ms AND ended_ms >= $from_ms)
    ORDER BY started_at DESC, injection_id
    LIMIT CASE WHEN $incidents IS NULL THEN $limit ELSE {EVERY} END
),
candidates AS (
    SELECT incident_id, anomaly_id, service, window_start, detected_at, {_HOUR.format("window_start")} AS hour
    FROM anomalies
    WHERE window_start BETWEEN (SELECT min(earliest) FROM chosen) AND (SELECT max(latest) FROM chosen)
),
hours AS (SELECT min(hour) AS first_hour, max(hour) AS last_hour FROM candidates),
-- Hours make the join one of equal keys: comparing the times of all pairs takes long.
spread AS (
    SELECT chosen.*, unnest(range(
        greatest({_HOUR.format("earliest")}, first_hour), least({_HOUR.format("latest")}, last_hour) + 1
    )) AS hour
    FROM chosen CROSS JOIN hours
),
detections AS (
    SELECT
        injection_id, min(detected_at) AS detected_at,
        arg_min(incident_id, (candidates.detected_at, window_start, anomaly_id)) AS incident_id
    FROM spread JOIN candidates USING (service, hour)
    WHERE window_start BETWEEN earliest AND latest
    GROUP BY injection_id
)
SELECT
    injection_id, service, kind, magnitude, epoch_ms(started_at) AS started_ms, ended_ms,
    is_running, is_decided, epoch_ms(detected_at) AS detected_ms, coalesce(incident_id, '') AS incident_id
FROM chosen LEFT JOIN detections USING (injection_id)
WHERE $incidents IS NULL OR list_contains($incidents, incident_id)
ORDER BY started_at DESC, injection_id
LIMIT $limit
"""  # noqa: S608 - constants are put in


class Outcome(StrEnum):
    """What became of an injected fault; a pending one is over and may still be found."""

    DETECTED = "detected"
    MISSED = "missed"
    RUNNING = "running"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Injection:
    """An injected fault as at one moment, and the first anomaly that found it.

    ``ended_ms`` of a running one is that moment; ``is_decided`` is whether it is too late to be found; ``detected_ms``
    is None and ``incident_id`` '' while nothing found it.
    """

    injection_id: str
    service: str
    kind: str
    magnitude: float
    started_ms: int
    ended_ms: int
    is_running: bool
    is_decided: bool
    detected_ms: int | None
    incident_id: str

    @property
    def outcome(self) -> Outcome:
        """Whether it was found, may still be found, or was missed."""
        if self.detected_ms is not None:
            return Outcome.DETECTED
        if self.is_running:
            return Outcome.RUNNING
        return Outcome.MISSED if self.is_decided else Outcome.PENDING

    @property
    def delay_seconds(self) -> float | None:
        """Time from the injection's begin to its detection, in seconds, at least 0; None while nothing found it."""
        return None if self.detected_ms is None else max(0, self.detected_ms - self.started_ms) / 1000


def find_injections(pool: CursorPool, asked: Filter, query: str = "injections") -> list[Injection]:
    """Return injections, newest first."""
    return [Injection(**row) for row in asked.rows(pool, query, _INJECTIONS)]
