"""Running one job and recording how it went. A job that fails is reported and stops nothing."""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from time import perf_counter

import duckdb

from exporters.maintenance.board import JobBoard
from exporters.maintenance.job import Job, JobContext, JobStoppedError
from exporters.store.job_runs import JobRun, Outcome, StartedBy, write_job_run
from exporters.store.maintenance_cursor import MaintenanceCursor

_LONGEST_TEXT = 500

logger = logging.getLogger(__name__)


class JobRunner:
    """Runs jobs, one at a time, in the thread that calls it."""

    def __init__(
        self,
        jobs: Iterable[Job],
        cursor: MaintenanceCursor,
        board: JobBoard,
        now: Callable[[], datetime],
        stop: threading.Event,
    ) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._cursor, self._board, self._now, self._stop = cursor, board, now, stop

    def run(self, name: str, started_by: StartedBy) -> JobRun | None:
        """Run a job to its end and return what became of it; None when the process ended first."""
        self._board.started(name)
        run, recorded = None, False
        try:
            run = self._outcome(self._jobs[name], started_by)
            recorded = run is not None and self._record(run)
        finally:
            self._board.ended(name, run, recorded=recorded)
        return run

    def _outcome(self, job: Job, started_by: StartedBy) -> JobRun | None:
        context, began = JobContext(self._now(), self._stop), perf_counter()
        detail, error = "", ""
        try:
            context.pause()
            detail = job.run(context)
        except JobStoppedError:
            return None
        except Exception as raised:
            if self._stop.is_set():  # whoever ends the process interrupts the statement under way
                return None
            error = _line(f"{type(raised).__name__}: {raised}")
            logger.exception("a maintenance job failed; it is tried again after its interval", extra={"job": job.name})
        seconds = perf_counter() - began
        outcome: Outcome = "failed" if error else "succeeded"
        logger.info("a maintenance job ended", extra={"job": job.name, "outcome": outcome, "detail": detail})
        return JobRun(job.name, started_by, context.started_at, seconds, outcome, error, _line(detail))

    def _record(self, run: JobRun) -> bool:
        try:
            write_job_run(self._cursor, run)
        except duckdb.Error as error:
            logger.warning(
                "a run is not recorded; is the disk full?", extra={"job": run.job, "error": _line(str(error))}
            )
            return False
        return True


def _line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_TEXT]
