"""Putting maintenance together: every job over one cursor, and the schedule that runs them."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from exporters.maintenance.board import JobBoard, JobState
from exporters.maintenance.collector import MaintenanceCollector
from exporters.maintenance.health import HealthJob
from exporters.maintenance.health_report import HealthLimits
from exporters.maintenance.job import Job
from exporters.maintenance.quality import QualityJob
from exporters.maintenance.retention import RetentionJob, kept_by
from exporters.maintenance.schedule import Schedule
from exporters.maintenance.service_answers import Answer
from exporters.maintenance.settings import MaintenanceSettings
from exporters.maintenance.state import MaintenanceState
from exporters.maintenance.upkeep import AnalyzeJob, CheckpointJob
from exporters.snapshot import Snapshot
from exporters.store.database import Database
from exporters.store.findings import Check, read_last_counts
from exporters.store.job_runs import read_job_pasts
from exporters.store.maintenance_cursor import MaintenanceCursor

_QUALITY = "quality"


@dataclass(frozen=True, slots=True)
class Sources:
    """What maintenance is given by the process that it runs in.

    Args:
        database: the store.
        gate: the lock that the sink holds while it applies a batch.
        path: the database's file.
        snapshot: what the sink has reached.
        answers: what the other services answered last.
        now: the clock.
        stop: the event that ends the process.
        batch_age_seconds: age of the newest micro-batch from which streaming counts as standing still.
    """

    database: Database
    gate: threading.Lock
    path: Path
    snapshot: Callable[[], Snapshot]
    answers: Callable[[], Mapping[str, Answer | None]]
    now: Callable[[], datetime]
    stop: threading.Event
    batch_age_seconds: float


class Maintenance:
    """All jobs of the process, their schedule and what ``/metrics`` shows of them."""

    def __init__(self, settings: MaintenanceSettings, sources: Sources) -> None:
        """Read what is known of earlier runs.

        Raises:
            duckdb.Error: the database cannot be read.
        """
        self._cursor = MaintenanceCursor(sources.database, sources.gate)
        self._state = MaintenanceState()
        board = JobBoard(read_job_pasts(self._cursor), sources.now())
        jobs = _jobs(settings, sources, self._cursor, self._state, board.states)
        self.schedule = Schedule(jobs, board, self._cursor, now=sources.now, stop=sources.stop)
        if board.state(_QUALITY).last_success is not None:
            self._state.findings = {**dict.fromkeys(Check, 0), **read_last_counts(self._cursor, _QUALITY)}
        self.collector = MaintenanceCollector(board.states, self._state, sources.answers)

    def start(self) -> None:
        """Begin to run jobs in the background."""
        self.schedule.start()

    def close(self) -> None:
        """End the process's jobs, which takes at most about a second, and release the cursor."""
        self.schedule.close()
        self._cursor.close()


def _jobs(
    settings: MaintenanceSettings,
    sources: Sources,
    cursor: MaintenanceCursor,
    state: MaintenanceState,
    states: Callable[[], list[JobState]],
) -> tuple[Job, ...]:
    limits = HealthLimits(
        lag_records=settings.health_max_lag_records,
        freshness_seconds=settings.health_max_freshness_seconds,
        batch_age_seconds=sources.batch_age_seconds,
        disk_warning_ratio=settings.health_disk_warning_ratio,
        disk_critical_ratio=settings.health_disk_critical_ratio,
    )
    health = HealthJob(
        cursor,
        state,
        limits,
        path=sources.path,
        snapshot=sources.snapshot,
        answers=sources.answers,
        jobs=states,
        now=sources.now,
    )
    quality = QualityJob(cursor, state, sources.snapshot, sources.now)
    upkeep = timedelta(hours=settings.upkeep_interval_hours)
    # In this order they run after a start that finds them overdue: the report comes last and sees what they did.
    return (
        Job("retention", upkeep, RetentionJob(cursor, kept_by(settings), sources.now).run),
        Job(_QUALITY, timedelta(hours=settings.quality_interval_hours), quality.run),
        Job("analyze", upkeep, AnalyzeJob(cursor).run),
        Job("checkpoint", upkeep, CheckpointJob(cursor).run),
        Job("health", timedelta(minutes=settings.health_interval_minutes), health.run),
    )
