"""What is known of every job at this moment, in memory: for ``/metrics``, ``/api/v1/jobs`` and the health report."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from exporters.maintenance.job import Job
from exporters.store.job_runs import JobPast, JobRun, Outcome

OVERDUE_INTERVALS = 1.5
"""A job is overdue when its last success is older than this many of its intervals."""


@dataclass(frozen=True, slots=True)
class JobState:
    """One job. ``known_since`` is the start of this process; ``runs`` are all recorded runs by outcome."""

    name: str
    interval: timedelta
    known_since: datetime
    last_success: datetime | None = None
    last_run: JobRun | None = None
    running: bool = False
    runs: Mapping[Outcome, int] = field(default_factory=dict)

    def overdue(self, now: datetime) -> bool:
        """Say whether it should have succeeded by now; one that never did has since the start of this process."""
        reference = self.known_since if self.last_success is None else self.last_success
        return now - reference > OVERDUE_INTERVALS * self.interval

    def due_at(self, now: datetime) -> datetime:
        """Return when its next run is due: one interval after the last success, but never later than from now on."""
        return now if self.last_success is None else min(self.last_success, now) + self.interval


class JobBoard:
    """The states of all jobs; written by the thread that runs them, read by any."""

    def __init__(self, pasts: Mapping[tuple[str, Outcome], JobPast], known_since: datetime) -> None:
        self._pasts, self._known_since = pasts, known_since
        self._states: dict[str, JobState] = {}
        self._lock = threading.Lock()

    def add(self, job: Job) -> None:
        """Take a job in, with what is known of its past."""
        with self._lock:
            state = JobState(job.name, job.interval, self._known_since)
            self._states[job.name] = _remembered(state, self._pasts)

    def states(self) -> list[JobState]:
        """Return every job, in the order in which they were added."""
        with self._lock:
            return list(self._states.values())

    def state(self, name: str) -> JobState:
        """Return one job."""
        with self._lock:
            return self._states[name]

    def started(self, name: str) -> None:
        """Note that a run begins."""
        with self._lock:
            self._states[name] = replace(self._states[name], running=True)

    def ended(self, name: str, run: JobRun | None, *, recorded: bool) -> None:
        """Note how a run ended; None when it was stopped. Only recorded runs are counted: the count outlives us."""
        with self._lock:
            state = replace(self._states[name], running=False)
            self._states[name] = state if run is None else _with_run(state, run, recorded=recorded)


def _remembered(state: JobState, pasts: Mapping[tuple[str, Outcome], JobPast]) -> JobState:
    known = [past for (job, _), past in pasts.items() if job == state.name]
    succeeded = pasts.get((state.name, "succeeded"))
    return replace(
        state,
        last_success=None if succeeded is None else _ended_at(succeeded.run),
        last_run=max((past.run for past in known), key=lambda run: run.started_at, default=None),
        runs={past.run.outcome: past.runs for past in known},
    )


def _with_run(state: JobState, run: JobRun, *, recorded: bool) -> JobState:
    counted = {run.outcome: state.runs.get(run.outcome, 0) + 1} if recorded else {}
    return replace(
        state,
        last_run=run,
        last_success=_ended_at(run) if run.outcome == "succeeded" else state.last_success,
        runs={**state.runs, **counted},
    )


def _ended_at(run: JobRun) -> datetime:
    return run.started_at + timedelta(seconds=run.duration_seconds)
