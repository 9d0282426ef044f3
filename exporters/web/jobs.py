"""Maintenance over HTTP: its jobs, what they reported, and running one.

A job changes what is stored, so only programs on this machine may start one: requests from elsewhere are refused, and
so are those of web pages, which browsers send with an Origin.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from ipaddress import ip_address

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Conflict, Forbidden, NotFound

from contracts.times import to_epoch_ms
from exporters.maintenance.board import JobState
from exporters.maintenance.schedule import JobBusyError, Schedule, UnknownJobError
from exporters.store.findings import finding_rows
from exporters.store.health_reports import health_report_rows
from exporters.store.job_runs import JobRun
from exporters.store.pool import CursorPool, Row
from exporters.web.parameters import Parameters

WAIT_SECONDS = 60.0
"""How long a request for a job waits for its end."""

_DEFAULT_LIMIT, _MAX_LIMIT = 1_000, 10_000


def jobs_blueprint(
    schedule: Schedule, pool: CursorPool, now: Callable[[], datetime], wait_seconds: float = WAIT_SECONDS
) -> Blueprint:
    """Return the routes of maintenance under ``/api/v1``."""
    routes = Blueprint("jobs", __name__, url_prefix="/api/v1")
    # One request at a time waits; the others are told at once that their job is queued, and scrapes find free threads.
    waiting = threading.Lock()

    @routes.get("/jobs")
    def jobs() -> ResponseReturnValue:
        Parameters(request.args, ())
        moment = now()
        return jsonify([_job_row(state, schedule.next_run(state.name), moment) for state in schedule.board.states()])

    @routes.post("/jobs/<name>")
    def run_job(name: str) -> ResponseReturnValue:
        Parameters(request.args, ())
        _refuse_strangers()
        run = _run(schedule, name, waiting, wait_seconds)
        return (jsonify(_queued_row(name)), HTTPStatus.ACCEPTED) if run is None else jsonify(_run_row(run))

    @routes.get("/health-reports")
    def health_reports() -> ResponseReturnValue:
        asked = Parameters(request.args, ("from", "to", "limit", "latest"))
        latest = asked.integer("latest", 0, 0, 1) == 1
        return jsonify(health_report_rows(pool, asked.span(), _limit(asked), latest=latest))

    @routes.get("/quality-findings")
    def quality_findings() -> ResponseReturnValue:
        asked = Parameters(request.args, ("from", "to", "limit"))
        return jsonify(finding_rows(pool, asked.span(), _limit(asked)))

    return routes


def _limit(asked: Parameters) -> int:
    return asked.integer("limit", _DEFAULT_LIMIT, 1, _MAX_LIMIT)


def _refuse_strangers() -> None:
    if "Origin" in request.headers:
        raise Forbidden("web pages may not run jobs: use make run-job, or a request without an Origin")
    if not ip_address((request.remote_addr or "0.0.0.0").partition("%")[0]).is_loopback:  # noqa: S104
        raise Forbidden("jobs are run from the machine of the exporters: use make run-job there")


def _run(schedule: Schedule, name: str, waiting: threading.Lock, seconds: float) -> JobRun | None:
    try:
        asked = schedule.request(name)
    except UnknownJobError as error:
        raise NotFound(str(error)) from error
    except JobBusyError as error:
        raise Conflict(str(error)) from error
    if not waiting.acquire(blocking=False):
        return None
    try:
        return schedule.wait(asked, seconds)
    finally:
        waiting.release()


def _job_row(state: JobState, next_run: datetime | None, now: datetime) -> Row:
    last = state.last_run
    return {
        "job": state.name,
        "interval_seconds": state.interval.total_seconds(),
        "last_success": None if state.last_success is None else to_epoch_ms(state.last_success),
        "last_outcome": "" if last is None else last.outcome,
        "last_error": "" if last is None else last.error,
        "last_detail": "" if last is None else last.detail,
        "last_duration_seconds": None if last is None else round(last.duration_seconds, 3),
        "next_run": None if next_run is None else to_epoch_ms(next_run),
        "running": int(state.running),
        "overdue": int(state.overdue(now)),
    }


def _run_row(run: JobRun) -> Row:
    return {
        "job": run.job,
        "outcome": run.outcome,
        "error": run.error,
        "detail": run.detail,
        "started_at": to_epoch_ms(run.started_at),
        "duration_seconds": round(run.duration_seconds, 3),
    }


def _queued_row(name: str) -> Row:
    return {
        "job": name,
        "outcome": "queued",
        "error": "",
        "detail": "it runs as soon as the jobs before it have ended; /api/v1/jobs shows it",
        "started_at": None,
        "duration_seconds": None,
    }
