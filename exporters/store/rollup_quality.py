"""Data quality across tables: whole services against their endpoints, hours against their minutes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from exporters.store.findings import Check
from exporters.store.maintenance_cursor import MaintenanceCursor

SLICE = timedelta(hours=6)
"""How much is compared in one query: whole hours."""

_STARTS = """
SELECT DISTINCT time_bucket($length, window_start) AS start
FROM (
    SELECT window_start FROM endpoint_metrics
    UNION ALL SELECT window_start FROM service_metrics
    UNION ALL SELECT window_start FROM hourly_metrics WHERE window_start >= (SELECT max(since) FROM minutes_kept)
)
ORDER BY start
"""
_FIGURES = "sum(request_count) AS requests, sum(error_count) AS errors, max(max_latency_ms) AS slowest"
_WITHIN = "window_start >= $start AND window_start < $start + $length"
_COMPARED = """
WITH parts AS ({parts}), wholes AS ({wholes})
SELECT service, count(*) AS affected, max(moment) AS newest
FROM parts FULL JOIN wholes USING (service, endpoint, moment)
WHERE parts.requests IS DISTINCT FROM wholes.requests OR parts.errors IS DISTINCT FROM wholes.errors
    OR parts.slowest IS DISTINCT FROM wholes.slowest
GROUP BY service
"""


@dataclass(frozen=True, slots=True)
class Rollup:
    """SQL of the parts and of the wholes that were computed from them, both by service, endpoint and moment."""

    check: Check
    table: str
    words: str
    parts: str
    wholes: str

    @property
    def statement(self) -> str:
        """The comparison: one row per service that differs."""
        return _COMPARED.format(parts=self.parts, wholes=self.wholes)


def _grouped(table: str, endpoint: str, moment: str, condition: str = "TRUE") -> str:
    return (
        f"SELECT service, {endpoint} AS endpoint, {moment} AS moment, {_FIGURES}"  # noqa: S608 - constants of this module
        f" FROM {table} WHERE {_WITHIN} AND {condition} GROUP BY ALL"
    )


_HOUR = "date_trunc('hour', window_start)"
# Hours whose minutes are gone cannot be compared any more.
_WITH_MINUTES = "window_start >= coalesce((SELECT max(since) FROM minutes_kept), window_start)"

ROLLUPS = (
    Rollup(
        Check.SERVICE_ROLLUP,
        "service_metrics",
        "windows differ from their endpoints",
        _grouped("endpoint_metrics", "''", "window_start"),
        _grouped("service_metrics", "''", "window_start"),
    ),
    Rollup(
        Check.HOURLY_ROLLUP,
        "hourly_metrics",
        "hours of a service differ from its minutes",
        _grouped("service_metrics", "''", _HOUR, _WITH_MINUTES),
        _grouped("hourly_metrics", "''", "window_start", f"endpoint = '' AND {_WITH_MINUTES}"),
    ),
    Rollup(
        Check.HOURLY_ROLLUP,
        "hourly_metrics",
        "hours of endpoints differ from their minutes",
        _grouped("endpoint_metrics", "endpoint", _HOUR, _WITH_MINUTES),
        _grouped("hourly_metrics", "endpoint", "window_start", f"endpoint <> '' AND {_WITH_MINUTES}"),
    ),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """Wholes of one service that are not the sum of their parts."""

    service: str
    newest: datetime
    affected: int


def rollup_slices(cursor: MaintenanceCursor) -> list[datetime]:
    """Return where the slices that can be compared begin, oldest first."""
    return [row["start"] for row in cursor.rows(_STARTS, {"length": SLICE})]


def differences(cursor: MaintenanceCursor, rollup: Rollup, start: datetime) -> Iterator[Difference]:
    """Yield what differs in the slice that begins at ``start``, by service."""
    for row in cursor.rows(rollup.statement, {"start": start, "length": SLICE}):
        yield Difference(row["service"], row["newest"].replace(tzinfo=UTC), row["affected"])
