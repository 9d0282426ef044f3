"""The job ``retention``: removes what is older than the settings say, slice by slice."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import perf_counter

from exporters.maintenance.job import JobContext
from exporters.maintenance.settings import MaintenanceSettings
from exporters.store import retention
from exporters.store.maintenance_cursor import MaintenanceCursor
from exporters.store.retention import Expiring, remove_older

_LEAST_PAUSE_SECONDS = 0.02


def kept_by(settings: MaintenanceSettings) -> Sequence[tuple[Expiring, timedelta]]:
    """Return how long each kind of row is kept."""
    minutes, hours = timedelta(days=settings.retention_days), timedelta(days=settings.hourly_retention_days)
    incidents = timedelta(days=settings.anomaly_retention_days)
    reports = timedelta(days=settings.report_retention_days)
    return (
        (retention.MINUTES, minutes),
        (retention.HOURS, hours),
        (retention.BATCHES, minutes),
        (retention.DEAD_LETTERS, timedelta(days=settings.dead_letter_retention_days)),
        (retention.ANOMALIES, incidents),
        (retention.SUMMARIES, incidents),
        (retention.INJECTIONS, incidents),
        (retention.JOB_RUNS, reports),
        (retention.HEALTH_REPORTS, reports),
        (retention.FINDINGS, reports),
    )


class RetentionJob:
    """Removes old rows and leaves the sink at least as much time as it takes."""

    def __init__(
        self,
        cursor: MaintenanceCursor,
        kept: Sequence[tuple[Expiring, timedelta]],
        now: Callable[[], datetime],
    ) -> None:
        self._cursor, self._kept, self._now = cursor, kept, now

    def run(self, context: JobContext) -> str:
        """Remove what is too old; return how many rows of which tables that were.

        Raises:
            JobStoppedError: the process ends; the rest is removed by the next run.
            duckdb.Error: the database failed.
        """
        removed: Counter[str] = Counter()
        for rows, keep in self._kept:
            began = perf_counter()
            for each in remove_older(self._cursor, rows, keep, self._now()):
                removed[" and ".join(rows.tables)] += each.removed
                context.pause(max(_LEAST_PAUSE_SECONDS, perf_counter() - began))
                began = perf_counter()
        return ", ".join(f"{rows} rows of {tables}" for tables, rows in removed.items()) or "nothing is old enough"
