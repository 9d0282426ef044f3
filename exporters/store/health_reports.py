"""Health reports: one row per check, the worst first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from exporters.store.maintenance_cursor import MaintenanceCursor
from exporters.store.pool import CursorPool, Row
from exporters.store.selection import Span

_WRITE = "INSERT INTO health_reports VALUES (?, ?, ?, ?, ?, ?)"
_ROWS = """
SELECT epoch_ms(reported_at) AS time, check_name AS "check", status, value, detail
FROM health_reports
WHERE epoch_ms(reported_at) <= $to_ms AND CASE
    WHEN $latest THEN reported_at = (SELECT max(reported_at) FROM health_reports WHERE epoch_ms(reported_at) <= $to_ms)
    ELSE epoch_ms(reported_at) >= $from_ms
END
ORDER BY reported_at DESC, ordinal
LIMIT $limit
"""


class Status(StrEnum):
    """Verdict of a check."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for ok, 1 for warning, 2 for critical: the value of ``health_check_status``."""
        return list(Status).index(self)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one check. ``value`` carries its unit; ``detail`` says what it means and what to do about it."""

    check: str
    status: Status
    value: str
    detail: str


def write_health_report(cursor: MaintenanceCursor, reported_at: datetime, verdicts: Sequence[Verdict]) -> None:
    """Store a report; its rows keep their order.

    Raises:
        duckdb.Error: the database failed; nothing was written.
    """
    moment = reported_at.replace(tzinfo=None)
    rows = [
        (moment, ordinal, verdict.check, verdict.status.value, verdict.value, verdict.detail)
        for ordinal, verdict in enumerate(verdicts, 1)
    ]
    with cursor.transaction() as writing:
        writing.executemany(_WRITE, rows)


def health_report_rows(pool: CursorPool, span: Span, limit: int, *, latest: bool) -> list[Row]:
    """Return reports, newest first and the worst check first; with ``latest`` only the last report up to the end."""
    parameters = {"from_ms": span.from_ms, "to_ms": span.to_ms, "latest": latest, "limit": limit}
    return pool.rows("health_reports", _ROWS, parameters)
