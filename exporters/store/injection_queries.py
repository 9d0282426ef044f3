"""Queries about injected faults and how well they were detected.

An injection is detected when an anomaly of its service, of any type, begins from ``EARLY`` before it began to ``LATE``
after it ended. An anomaly is a false alarm when no injection into its service overlaps it within the same tolerance.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import median

from exporters.store.pool import CursorPool, Row
from exporters.store.selection import Filter

EARLY = timedelta(seconds=60)
LATE = timedelta(minutes=2)

_EVERY = 2**31
_HOUR = "epoch_ms({}) // 3600000"

_INJECTIONS = f"""
WITH found AS (
    SELECT
        *,
        is_open_at(started_at, ended_at, $as_of_ms) AS is_running,
        end_ms(started_at, ended_at, $as_of_ms, $now_ms) AS ended_ms,
        started_at - INTERVAL {EARLY.seconds} SECOND AS earliest,
        ended_at + INTERVAL {LATE.seconds} SECOND AS latest
    FROM injections
    WHERE $services IS NULL OR list_contains($services, service)
),
chosen AS (
    SELECT * FROM found
    WHERE $incidents IS NOT NULL OR (epoch_ms(started_at) <= $to_ms AND ended_ms >= $from_ms)
    ORDER BY started_at DESC, injection_id
    LIMIT CASE WHEN $incidents IS NULL THEN $limit ELSE {_EVERY} END
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
    injection_id, service, kind, magnitude, epoch_ms(started_at) AS started_ms, ended_ms, is_running,
    epoch_ms(detected_at) AS detected_ms, coalesce(incident_id, '') AS incident_id
FROM chosen LEFT JOIN detections USING (injection_id)
WHERE $incidents IS NULL OR list_contains($incidents, incident_id)
ORDER BY started_at DESC, injection_id
LIMIT $limit
"""  # noqa: S608 - constants are put in

# Of the faults that began in time, one reaches the anomaly if the one that reaches furthest does.
_FALSE_ALARMS = f"""
WITH reaching AS (
    SELECT
        service, epoch_ms(started_at - INTERVAL {EARLY.seconds} SECOND) AS begins_ms,
        max(epoch_ms(ended_at + INTERVAL {LATE.seconds} SECOND)) OVER (
            PARTITION BY service ORDER BY started_at
        ) AS reaches_ms
    FROM injections
),
alarms AS (
    SELECT
        incident_id, service, epoch_ms(window_start) AS started_ms,
        end_ms(window_start, resolved_at, $as_of_ms, $now_ms) AS ended_ms
    FROM anomalies
    WHERE ($services IS NULL OR list_contains($services, service))
        AND epoch_ms(window_start) <= $to_ms AND ended_ms >= $from_ms
)
SELECT count(DISTINCT incident_id) AS false_alarms
FROM alarms ASOF LEFT JOIN reaching ON alarms.service = reaching.service AND alarms.ended_ms >= reaching.begins_ms
WHERE reaches_ms IS NULL OR reaches_ms < started_ms
"""  # noqa: S608 - constants are put in


@dataclass(frozen=True, slots=True)
class Injection:
    """An injected fault as at one moment, and the first anomaly that found it.

    ``ended_ms`` of a running one is that moment; ``detected_ms`` is None and ``incident_id`` '' while nothing found it.
    """

    injection_id: str
    service: str
    kind: str
    magnitude: float
    started_ms: int
    ended_ms: int
    is_running: bool
    detected_ms: int | None
    incident_id: str

    @property
    def outcome(self) -> str:
        """``detected``; or else ``running`` until it has ended, then ``missed``."""
        if self.detected_ms is not None:
            return "detected"
        return "running" if self.is_running else "missed"

    @property
    def delay_seconds(self) -> float | None:
        """Time from the injection's begin to its detection, in seconds, at least 0; None while nothing found it."""
        return None if self.detected_ms is None else max(0, self.detected_ms - self.started_ms) / 1000


def find_injections(pool: CursorPool, asked: Filter, query: str = "injections") -> list[Injection]:
    """Return injections, newest first."""
    return [Injection(**row) for row in asked.rows(pool, query, _INJECTIONS)]


def score_rows(pool: CursorPool, asked: Filter) -> list[Row]:
    """Return how well the injections of the range were detected: one row, or none when nothing was injected.

    Recall is over those that were detected or missed, precision over what was reported; either is 1 when there is
    nothing to judge it by, for then nothing was missed, or nothing was false.
    """
    injections = find_injections(pool, replace(asked, limit=_EVERY), "detection_score")
    if not injections:
        return []
    false_alarms = asked.rows(pool, "detection_score", _FALSE_ALARMS)[0]["false_alarms"]
    return [_score(injections, false_alarms)]


def _score(injections: Sequence[Injection], false_alarms: int) -> Row:
    outcomes = [injection.outcome for injection in injections]
    detected, missed = outcomes.count("detected"), outcomes.count("missed")
    delays = [injection.delay_seconds for injection in injections if injection.delay_seconds is not None]
    return {
        "injected": len(injections),
        "detected": detected,
        "missed": missed,
        "false_alarms": false_alarms,
        "recall": _share(detected, missed),
        "precision": _share(detected, false_alarms),
        "median_delay_seconds": median(delays) if delays else None,
    }


def _share(hits: int, others: int) -> float:
    return hits / (hits + others) if hits + others > 0 else 1.0
