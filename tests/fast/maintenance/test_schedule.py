"""Jobs run when they are due or asked for, one at a time, and let the process end."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from contracts.times import utc_now
from exporters.maintenance.board import JobBoard
from exporters.maintenance.job import Job, JobContext
from exporters.maintenance.schedule import JobBusyError, Schedule, UnknownJobError
from exporters.store.job_runs import JobRun, read_job_pasts, write_job_run
from exporters.store.maintenance_cursor import MaintenanceCursor

DEADLINE_SECONDS = 10


@dataclass
class Journal:
    """What the jobs of a test did, and a gate that holds the slow one."""

    began: list[str] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    go_on: threading.Event = field(default_factory=threading.Event)

    def job(self, name: str, *, waits: bool = False, fails: bool = False) -> Job:
        def run(context: JobContext) -> str:
            self.began.append(name)
            self.running += 1
            self.most_running = max(self.most_running, self.running)
            while waits and not self.go_on.is_set():
                context.pause(0.01)
            self.running -= 1
            if fails:
                raise ValueError(name)
            return name

        return Job(name, timedelta(hours=1), run)


@pytest.fixture
def journal() -> Journal:
    return Journal()


Start = Callable[..., Schedule]


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def start(cursor: MaintenanceCursor, stop: threading.Event) -> Iterator[Start]:
    """Return what starts a schedule; those that are still running are closed in the end."""
    started: list[Schedule] = []

    def start(*jobs: Job) -> Schedule:
        board = JobBoard(read_job_pasts(cursor), utc_now())
        schedule = Schedule(jobs, board, cursor, now=utc_now, stop=stop, first_run_delay=timedelta(seconds=0.2))
        schedule.start()
        started.append(schedule)
        return schedule

    yield start
    for schedule in started:
        schedule.close()


def until(condition: Callable[[], bool]) -> None:
    deadline, pause = time.monotonic() + DEADLINE_SECONDS, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        pause.wait(0.01)


def test_a_job_that_never_succeeded_runs_soon_after_the_start(
    start: Start, journal: Journal, cursor: MaintenanceCursor
) -> None:
    schedule = start(journal.job("first"))
    until(lambda: schedule.board.state("first").last_success is not None)
    schedule.close()
    assert [row["started_by"] for row in cursor.rows("FROM job_runs")] == ["overdue"]


def test_a_job_that_is_not_due_waits_for_its_interval(
    start: Start, journal: Journal, cursor: MaintenanceCursor
) -> None:
    succeeded = utc_now() - timedelta(minutes=20)
    write_job_run(cursor, JobRun("recent", "schedule", succeeded, 0.0, "succeeded"))
    write_job_run(cursor, JobRun("old", "schedule", succeeded - timedelta(hours=1), 0.0, "succeeded"))
    schedule = start(journal.job("recent"), journal.job("old"))
    until(lambda: journal.began == ["old"])
    assert schedule.next_run("recent") == succeeded + timedelta(hours=1)
    after = schedule.next_run("old")
    assert after is not None
    assert timedelta(minutes=59) < after - utc_now() <= timedelta(hours=1)


def test_a_failing_job_stops_no_other(start: Start, journal: Journal) -> None:
    schedule = start(journal.job("bad", fails=True), journal.job("good"))
    asked = [schedule.request("bad"), schedule.request("good")]
    wait_for(asked, DEADLINE_SECONDS)
    assert [each.result().outcome for each in asked if (each.result() is not None)] == ["failed", "succeeded"]  # type: ignore[union-attr]


def test_one_job_runs_at_a_time(start: Start, journal: Journal) -> None:
    schedule = start(*(journal.job(name, waits=True) for name in ("a", "b", "c")))
    asked = [schedule.request(name) for name in ("a", "b", "c")]
    until(lambda: bool(journal.began))
    journal.go_on.set()
    wait_for(asked, DEADLINE_SECONDS)
    assert journal.began[:3] == ["a", "b", "c"]
    assert journal.most_running == 1


def test_a_job_that_runs_or_waits_cannot_be_asked_for_again(start: Start, journal: Journal) -> None:
    schedule = start(journal.job("slow", waits=True), journal.job("queued"))
    schedule.request("slow")
    queued = schedule.request("queued")
    for name in ("slow", "queued"):
        with pytest.raises(JobBusyError, match=name):
            schedule.request(name)
    journal.go_on.set()
    wait_for([queued], DEADLINE_SECONDS)
    schedule.request("queued")


def test_a_job_that_does_not_exist_names_those_that_do(start: Start, journal: Journal) -> None:
    schedule = start(journal.job("one"), journal.job("two"))
    with pytest.raises(UnknownJobError, match="known are one, two"):
        schedule.request("three")


def test_it_ends_at_once_while_a_job_runs_and_others_wait(
    start: Start, journal: Journal, cursor: MaintenanceCursor
) -> None:
    schedule = start(journal.job("slow", waits=True), journal.job("next"))
    asked = [schedule.request("slow"), schedule.request("next")]
    until(lambda: "slow" in journal.began)
    began = time.monotonic()
    schedule.close()
    assert time.monotonic() - began < 2
    assert [each.result() for each in asked] == [None, None]
    assert cursor.rows("FROM job_runs") == []


def test_a_run_that_the_scheduler_did_not_come_to_ends_without_a_result(start: Start, journal: Journal) -> None:
    schedule = start(journal.job("one"))
    schedule._scheduler.pause()
    asked = schedule.request("one")
    schedule.close()
    assert asked.result(timeout=0) is None
    assert journal.began == []


def test_it_ends_at_once_while_a_long_statement_runs(start: Start, cursor: MaintenanceCursor) -> None:
    running = threading.Event()

    def run(_context: JobContext) -> str:
        running.set()
        cursor.rows("SELECT count(*) FROM range(1000000000000)")
        raise AssertionError("nobody waits that long")

    schedule = start(Job("long", timedelta(hours=1), run))
    schedule.request("long")
    assert running.wait(DEADLINE_SECONDS)
    began = time.monotonic()
    schedule.close()
    assert time.monotonic() - began < 2


def test_waiting_for_a_run_ends_with_the_process(start: Start, journal: Journal, stop: threading.Event) -> None:
    schedule = start(journal.job("slow", waits=True))
    asked = schedule.request("slow")
    until(lambda: "slow" in journal.began)
    threading.Timer(0.1, stop.set).start()
    began = time.monotonic()
    assert schedule.wait(asked, 60) is None
    assert time.monotonic() - began < 2


def test_waiting_ends_after_its_time(start: Start, journal: Journal) -> None:
    schedule = start(journal.job("slow", waits=True))
    assert schedule.wait(schedule.request("slow"), 0.3) is None
    journal.go_on.set()
