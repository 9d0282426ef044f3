"""Every run is recorded with how it went; what is known of a job survives the process."""

import logging
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from exporters.maintenance.board import JobBoard
from exporters.maintenance.job import Job, JobContext, JobStoppedError
from exporters.maintenance.retention import RetentionJob
from exporters.maintenance.runner import JobRunner
from exporters.store.database import Database
from exporters.store.job_runs import JobRun, read_job_pasts, write_job_run
from exporters.store.maintenance_cursor import MaintenanceCursor
from exporters.store.retention import JOB_RUNS
from tests.fast.maintenance.conftest import NOW, at, execute

HOUR = timedelta(hours=1)


def fails(_context: JobContext) -> str:
    raise OSError("no\nroom")


def stops(_context: JobContext) -> str:
    raise JobStoppedError


GOOD, BAD, STOPPED = Job("good", HOUR, lambda _: "did it"), Job("bad", HOUR, fails), Job("stopped", HOUR, stops)


def made(cursor: MaintenanceCursor) -> tuple[JobRunner, JobBoard]:
    board = JobBoard(read_job_pasts(cursor), NOW)
    for job in (GOOD, BAD, STOPPED):
        board.add(job)
    return JobRunner((GOOD, BAD, STOPPED), cursor, board, at(), threading.Event()), board


def test_a_run_is_recorded_and_known(cursor: MaintenanceCursor) -> None:
    runner, board = made(cursor)
    run = runner.run("good", "schedule")
    assert run is not None
    assert (run.outcome, run.error, run.detail) == ("succeeded", "", "did it")
    (row,) = cursor.rows("SELECT job, started_by, started_at, outcome, detail, runs_so_far FROM job_runs")
    assert tuple(row.values()) == ("good", "schedule", NOW.replace(tzinfo=None), "succeeded", "did it", 1)
    state = board.state("good")
    assert state.last_success == NOW + timedelta(seconds=run.duration_seconds)
    assert (state.running, state.runs, state.last_run) == (False, {"succeeded": 1}, run)


def test_a_failure_is_recorded_on_one_line_and_the_next_job_runs(
    cursor: MaintenanceCursor, caplog: pytest.LogCaptureFixture
) -> None:
    runner, board = made(cursor)
    failed, succeeded = runner.run("bad", "request"), runner.run("good", "request")
    assert failed is not None
    assert succeeded is not None
    assert (failed.outcome, failed.error, succeeded.outcome) == ("failed", "OSError: no room", "succeeded")
    assert board.state("bad").last_success is None
    assert "it is tried again after its interval" in caplog.text


def test_a_stopped_run_leaves_no_record(cursor: MaintenanceCursor) -> None:
    runner, board = made(cursor)
    assert runner.run("stopped", "schedule") is None
    assert cursor.rows("FROM job_runs") == []
    assert (board.state("stopped").running, board.state("stopped").last_run) == (False, None)


def test_an_interrupted_statement_of_a_process_that_ends_is_no_failure(cursor: MaintenanceCursor) -> None:
    stop = threading.Event()

    def interrupted(context: JobContext) -> str:
        context.stop.set()
        return fails(context)

    board = JobBoard({}, NOW)
    board.add(job := Job("long", HOUR, interrupted))
    assert JobRunner([job], cursor, board, at(), stop).run("long", "schedule") is None
    assert cursor.rows("FROM job_runs") == []


def test_what_is_known_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    for runs in (2, 4):
        database = Database.open(path)
        cursor = MaintenanceCursor(database, threading.Lock())
        runner, board = made(cursor)
        for _ in range(2):
            runner.run("good", "schedule")
        runner.run("bad", "schedule")
        assert board.state("good").runs == {"succeeded": runs}
        assert board.state("bad").runs == {"failed": runs // 2}
        database.close()
    database = Database.open(path)
    _, board = made(MaintenanceCursor(database, threading.Lock()))
    assert board.state("good").last_success is not None
    assert board.state("bad").last_run is not None
    assert board.state("bad").last_success is None
    database.close()


def test_a_run_that_cannot_be_recorded_is_known_and_not_counted(
    cursor: MaintenanceCursor, caplog: pytest.LogCaptureFixture
) -> None:
    runner, board = made(cursor)
    execute(cursor, "ALTER TABLE job_runs RENAME TO hidden")
    with caplog.at_level(logging.WARNING):
        assert runner.run("good", "schedule") is not None
    assert "is the disk full?" in caplog.text
    assert board.state("good").last_success is not None
    assert board.state("good").runs == {}


def test_old_runs_are_removed_and_the_totals_stay(cursor: MaintenanceCursor, context: JobContext) -> None:
    for days in range(40):
        write_job_run(cursor, JobRun("good", "schedule", NOW + timedelta(days=days), 1.0, "succeeded"))
    write_job_run(cursor, JobRun("bad", "schedule", NOW, 1.0, "failed", "no"))
    removed = RetentionJob(cursor, [(JOB_RUNS, timedelta(days=30))], at(NOW + timedelta(days=40))).run(context)
    assert removed == "9 rows of job_runs"
    pasts = read_job_pasts(cursor)
    assert (pasts["good", "succeeded"].runs, pasts["bad", "failed"].runs) == (40, 1)


@pytest.mark.parametrize(("hours", "overdue"), [(1.5, False), (1.6, True)])
def test_a_job_is_overdue_after_one_and_a_half_intervals(
    cursor: MaintenanceCursor,
    hours: float,
    overdue: bool,
) -> None:
    _, board = made(cursor)
    assert board.state("good").overdue(NOW + timedelta(hours=hours)) is overdue
    write_job_run(cursor, JobRun("good", "schedule", NOW, 0.0, "succeeded"))
    _, board = made(cursor)
    assert board.state("good").overdue(NOW + timedelta(hours=hours)) is overdue


def test_a_success_in_the_future_does_not_put_the_next_run_off(cursor: MaintenanceCursor) -> None:
    write_job_run(cursor, JobRun("good", "schedule", NOW + timedelta(days=365), 0.0, "succeeded"))
    _, board = made(cursor)
    assert board.state("good").due_at(NOW) == NOW + HOUR
