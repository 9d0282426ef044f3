"""The job ``health``: looks at everything once and stores the report.

What is not known yet is a warning: a platform that has just started has nothing to show, and is not broken either.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from exporters.maintenance import pipeline_checks, service_checks, store_checks
from exporters.maintenance.board import JobState
from exporters.maintenance.health_report import HealthCheck, HealthLimits, Moment, verdicts
from exporters.maintenance.job import JobContext
from exporters.maintenance.service_answers import Answer
from exporters.maintenance.service_checks import service
from exporters.maintenance.state import MaintenanceState, Storage
from exporters.snapshot import Snapshot
from exporters.store.health_reports import Status, write_health_report
from exporters.store.maintenance_cursor import MaintenanceCursor

CHECKS = (
    HealthCheck("freshness", pipeline_checks.freshness),
    HealthCheck("batch_age", pipeline_checks.batch_age),
    HealthCheck("lag", pipeline_checks.lags),
    HealthCheck(
        "streaming", service("streaming", Status.CRITICAL, "Start it, or read its log: Kafka keeps events for a day.")
    ),
    HealthCheck("detector", service("detector", Status.CRITICAL, "Start it, or read its log: anomalies go unnoticed.")),
    HealthCheck(
        "narrator", service("narrator", Status.WARNING, "Start it, or read its log: incidents have no account.")
    ),
    HealthCheck("generator", service_checks.generator),
    HealthCheck("disk_free", store_checks.disk_free),
    HealthCheck("database_size", store_checks.database_size),
    HealthCheck("data_quality", store_checks.data_quality),
    HealthCheck("jobs", store_checks.jobs),
    HealthCheck("language_model", service_checks.language_model),
)
"""All checks, in the order of a report without trouble."""


class HealthJob:
    """Looks at the sources, keeps the report in the state and stores it."""

    def __init__(  # noqa: PLR0913 - its sources
        self,
        cursor: MaintenanceCursor,
        state: MaintenanceState,
        limits: HealthLimits,
        *,
        path: Path,
        snapshot: Callable[[], Snapshot],
        answers: Callable[[], Mapping[str, Answer | None]],
        jobs: Callable[[], list[JobState]],
        now: Callable[[], datetime],
    ) -> None:
        self._cursor, self._state, self._limits = cursor, state, limits
        self._path, self._snapshot, self._answers, self._jobs, self._now = path, snapshot, answers, jobs, now

    def run(self, context: JobContext) -> str:
        """Write a report; return how many checks have which verdict.

        Raises:
            duckdb.Error: it could not be stored; ``/metrics`` shows it all the same.
        """
        moment = Moment(
            self._now(), self._snapshot(), self._answers(), self._jobs(), self._state.findings, self._storage
        )
        self._state.report = report = verdicts(CHECKS, moment, self._limits)
        write_health_report(self._cursor, context.started_at, report)
        counts = Counter(verdict.status for verdict in report)
        return ", ".join(f"{counts[status]} {status}" for status in reversed(Status) if counts[status])

    def _storage(self) -> Storage:
        self._state.storage = None
        self._state.storage = storage = Storage.of(self._path)
        return storage
