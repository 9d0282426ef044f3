"""When jobs run: by their interval, soon after a start that finds them overdue, and when somebody asks."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from exporters.maintenance.board import JobBoard
from exporters.maintenance.job import Job
from exporters.maintenance.runner import JobRunner
from exporters.store.job_runs import JobRun
from exporters.store.maintenance_cursor import MaintenanceCursor

FIRST_RUN_DELAY = timedelta(seconds=30)
"""From the start of the process to the first overdue job: the sink and the probes come first."""
STAGGER = timedelta(seconds=5)
"""From one overdue job to the next."""

_POLL_SECONDS = 0.1

Asked = Future[JobRun | None]
"""A run that somebody asked for; its result is None when the process ended first."""


class UnknownJobError(LookupError):
    """There is no such job; the message names those that there are."""


class JobBusyError(RuntimeError):
    """The job runs already, or waits for its turn because somebody asked for it."""


class Schedule:
    """Runs jobs one at a time in one thread of its own. ``stop`` is the event that ends the whole process."""

    def __init__(  # noqa: PLR0913 - its parts and its settings
        self,
        jobs: Sequence[Job],
        board: JobBoard,
        cursor: MaintenanceCursor,
        *,
        now: Callable[[], datetime],
        stop: threading.Event,
        first_run_delay: timedelta = FIRST_RUN_DELAY,
    ) -> None:
        self._jobs, self._cursor, self._now, self._stop = tuple(jobs), cursor, now, stop
        self._first_run_delay = first_run_delay
        self.board = board
        for job in jobs:
            board.add(job)
        self._runner = JobRunner(jobs, cursor, board, now, stop)
        self._overdue: set[str] = set()
        self._asked: dict[str, Asked] = {}
        self._lock = threading.Lock()
        # It says at the level INFO whenever a job begins, ends and is added; the runner says what is worth saying.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin to run jobs: those that are overdue soon and one after the other, the rest when they are due."""
        now = self._now()
        earliest = now + self._first_run_delay
        for job in self._jobs:
            due_at = self.board.state(job.name).due_at(now)
            if due_at <= earliest:
                self._overdue.add(job.name)
                due_at, earliest = earliest, earliest + STAGGER
            self._scheduler.add_job(
                self._run,
                "interval",
                seconds=job.interval.total_seconds(),
                args=(job.name,),
                id=job.name,
                next_run_time=due_at,
            )
        self._scheduler.start()

    def next_run(self, name: str) -> datetime | None:
        """Return when a job is to run next; None before the start and after the end."""
        scheduled = self._scheduler.get_job(name)
        return None if scheduled is None else getattr(scheduled, "next_run_time", None)

    def request(self, name: str) -> Asked:
        """Let a job run as soon as the one that is running has ended.

        Raises:
            UnknownJobError: there is no such job.
            JobBusyError: it runs already.
        """
        if name not in {job.name for job in self._jobs}:
            raise UnknownJobError(f"there is no job {name!r}; known are {', '.join(job.name for job in self._jobs)}")
        with self._lock:
            if name in self._asked or self.board.state(name).running:
                raise JobBusyError(f"the job {name} runs already; /api/v1/jobs shows when it has ended")
            asked = self._asked[name] = Future()
        self._scheduler.add_job(self._run_asked, args=(name, asked))
        return asked

    def wait(self, asked: Asked, seconds: float) -> JobRun | None:
        """Wait for a run that was asked for; None when it takes longer or the process ends."""
        for _ in range(int(seconds / _POLL_SECONDS)):
            if self._stop.is_set() or wait_for([asked], _POLL_SECONDS).done:
                break
        return asked.result() if asked.done() else None

    def close(self) -> None:
        """Set the stop event and return when no job runs any more."""
        self._stop.set()
        if not self._scheduler.running:
            return
        # Paused and then asked for its jobs, it has finished starting one: stopped in the middle of that, it fails.
        self._scheduler.pause()
        self._scheduler.get_jobs()
        ended = threading.Event()
        interrupting = threading.Thread(target=self._interrupt_until, args=(ended,), name="interrupt", daemon=True)
        interrupting.start()
        self._scheduler.shutdown(wait=True)
        ended.set()
        interrupting.join()
        # What the scheduler had not come to before it was paused never begins.
        with self._lock:
            for asked in self._asked.values():
                asked.set_result(None)
            self._asked.clear()

    def _interrupt_until(self, ended: threading.Event) -> None:
        # Again and again: an interruption just before a statement begins does not reach it.
        while not ended.wait(_POLL_SECONDS):
            self._cursor.interrupt()

    def _run(self, name: str) -> None:
        was_overdue = name in self._overdue
        self._overdue.discard(name)
        self._runner.run(name, "overdue" if was_overdue else "schedule")

    def _run_asked(self, name: str, asked: Asked) -> None:
        try:
            run = self._runner.run(name, "request")
        finally:
            with self._lock:
                del self._asked[name]
        asked.set_result(run)
