"""What the data quality job found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from exporters.store.maintenance_cursor import MaintenanceCursor
from exporters.store.pool import CursorPool, Row
from exporters.store.selection import Span

_WRITE = "INSERT INTO quality_findings VALUES (?, ?, ?, ?, ?, ?, ?)"
_ROWS = """
SELECT epoch_ms(found_at) AS time, check_name AS "check", severity, subject, detail, affected AS "count"
FROM quality_findings
WHERE epoch_ms(found_at) BETWEEN $from_ms AND $to_ms
ORDER BY found_at DESC, ordinal
LIMIT $limit
"""
_LAST = """
WITH last AS (SELECT max(started_at) AS found_at FROM job_runs WHERE job = $job AND outcome = 'succeeded')
SELECT check_name, severity, count(*) AS findings
FROM quality_findings SEMI JOIN last USING (found_at)
GROUP BY ALL
"""


class Severity(StrEnum):
    """How bad a finding is; the order is that of their trouble."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info, 1 for warning, 2 for critical."""
        return list(Severity).index(self)


class Check(StrEnum):
    """What data quality looks at."""

    NULLS = "nulls"
    IMPOSSIBLE_COUNTS = "impossible_counts"
    IMPOSSIBLE_LATENCIES = "impossible_latencies"
    IMPOSSIBLE_TIMES = "impossible_times"
    IMPOSSIBLE_HISTOGRAMS = "impossible_histograms"
    DUPLICATES = "duplicates"
    SERVICE_ROLLUP = "service_rollup"
    HOURLY_ROLLUP = "hourly_rollup"
    BOOKS = "books"
    STORED_REQUESTS = "stored_requests"
    GAPS = "gaps"
    OUTLIERS = "outliers"

    @property
    def severity(self) -> Severity:
        """Outliers are noteworthy, missing or uncounted data is a warning, the rest means wrong numbers."""
        if self is Check.OUTLIERS:
            return Severity.INFO
        return Severity.WARNING if self in {Check.GAPS, Check.BOOKS, Check.STORED_REQUESTS} else Severity.CRITICAL


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be. ``subject`` is the table and, where it fits, the service or run.

    ``affected`` is how many rows, windows or requests it is about, ``detail`` says what is wrong with them.
    """

    check: Check
    subject: str
    detail: str
    affected: int


def write_findings(cursor: MaintenanceCursor, found_at: datetime, findings: Sequence[Finding]) -> None:
    """Store the findings of a run; they keep their order.

    Raises:
        duckdb.Error: the database failed; nothing was written.
    """
    if not findings:
        return
    moment = found_at.replace(tzinfo=None)
    rows = [
        (moment, ordinal, found.check.value, found.check.severity.value, found.subject, found.detail, found.affected)
        for ordinal, found in enumerate(findings, 1)
    ]
    with cursor.transaction() as writing:
        writing.executemany(_WRITE, rows)


def read_last_counts(cursor: MaintenanceCursor, job: str) -> Mapping[Check, int]:
    """Return the number of findings by check of the last run of a job that succeeded; checks without any are absent."""
    return {Check(row["check_name"]): row["findings"] for row in cursor.rows(_LAST, {"job": job})}


def finding_rows(pool: CursorPool, span: Span, limit: int) -> list[Row]:
    """Return findings, those of the newest run first and in it the worst first."""
    return pool.rows("quality_findings", _ROWS, {"from_ms": span.from_ms, "to_ms": span.to_ms, "limit": limit})
