"""The runs of maintenance jobs, and what is known of each job after a restart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from exporters.store.maintenance_cursor import MaintenanceCursor

Outcome = Literal["succeeded", "failed"]
StartedBy = Literal["schedule", "overdue", "request"]

_WRITE = """
INSERT INTO job_runs BY NAME
SELECT
    $job AS job, $started_by AS started_by, $started_at AS started_at, $ended_at AS ended_at, $outcome AS outcome,
    $error AS error, $detail AS detail,
    1 + coalesce((SELECT max(runs_so_far) FROM job_runs WHERE job = $job AND outcome = $outcome), 0) AS runs_so_far
"""
_NEWEST = """
SELECT * FROM job_runs QUALIFY row_number() OVER (PARTITION BY job, outcome ORDER BY runs_so_far DESC) = 1
"""


@dataclass(frozen=True, slots=True)
class JobRun:
    """One finished run; ``error`` is '' when it succeeded, ``detail`` is one line about what it did."""

    job: str
    started_by: StartedBy
    started_at: datetime
    duration_seconds: float
    outcome: Outcome
    error: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class JobPast:
    """The newest run of a job with one outcome, and how many there were in all."""

    run: JobRun
    runs: int


def write_job_run(cursor: MaintenanceCursor, run: JobRun) -> None:
    """Record a run.

    Raises:
        duckdb.Error: the database failed; nothing was written.
    """
    parameters = {
        "job": run.job,
        "started_by": run.started_by,
        "started_at": run.started_at.replace(tzinfo=None),
        "ended_at": (run.started_at + timedelta(seconds=run.duration_seconds)).replace(tzinfo=None),
        "outcome": run.outcome,
        "error": run.error,
        "detail": run.detail,
    }
    with cursor.transaction() as writing:
        writing.execute(_WRITE, parameters)


def read_job_pasts(cursor: MaintenanceCursor) -> Mapping[tuple[str, Outcome], JobPast]:
    """Return what is known of every job that ever ran, by job and outcome."""
    pasts = {}
    for row in cursor.rows(_NEWEST):
        run = JobRun(
            job=row["job"],
            started_by=row["started_by"],
            started_at=row["started_at"].replace(tzinfo=UTC),
            duration_seconds=(row["ended_at"] - row["started_at"]).total_seconds(),
            outcome=row["outcome"],
            error=row["error"],
            detail=row["detail"],
        )
        pasts[run.job, run.outcome] = JobPast(run, row["runs_so_far"])
    return pasts
