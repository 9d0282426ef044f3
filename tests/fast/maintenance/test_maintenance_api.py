"""Jobs, health reports and findings over HTTP; running a job is for programs on this machine."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from contracts.times import to_epoch_ms, utc_now
from exporters.maintenance.board import JobBoard
from exporters.maintenance.job import Job, JobContext
from exporters.maintenance.schedule import Schedule
from exporters.store.findings import Check, Finding, write_findings
from exporters.store.health_reports import Status, Verdict, write_health_report
from exporters.store.maintenance_cursor import MaintenanceCursor
from exporters.store.pool import CursorPool
from exporters.web.errors import install_error_handlers
from exporters.web.jobs import jobs_blueprint
from tests.fast.maintenance.conftest import NOW
from tests.fast.maintenance.test_probes import until

WAIT_SECONDS = 0.3


@pytest.fixture
def go_on() -> threading.Event:
    return threading.Event()


@pytest.fixture
def schedule(cursor: MaintenanceCursor, go_on: threading.Event) -> Iterator[Schedule]:
    def waits(context: JobContext) -> str:
        while not go_on.is_set():
            context.pause(0.01)
        return "waited"

    def fails(_context: JobContext) -> str:
        raise OSError("no room")

    hour = timedelta(hours=1)
    jobs = [Job("good", hour, lambda _: "did it"), Job("slow", hour, waits), Job("bad", hour, fails)]
    never = timedelta(hours=1)
    stop = threading.Event()
    schedule = Schedule(jobs, JobBoard({}, utc_now()), cursor, now=utc_now, stop=stop, first_run_delay=never)
    schedule.start()
    yield schedule
    schedule.close()


@pytest.fixture
def client(schedule: Schedule, pool: CursorPool) -> FlaskClient:
    app = Flask("test")
    install_error_handlers(app)
    app.register_blueprint(jobs_blueprint(schedule, pool, utc_now, WAIT_SECONDS))
    return app.test_client()


def test_jobs_that_never_ran_are_listed_with_what_is_known(client: FlaskClient) -> None:
    rows = client.get("/api/v1/jobs").get_json()
    assert [row["job"] for row in rows] == ["good", "slow", "bad"]
    assert rows[0].pop("next_run") > to_epoch_ms(utc_now())
    assert rows[0] == {
        "job": "good",
        "interval_seconds": 3600.0,
        "last_success": None,
        "last_outcome": "",
        "last_error": "",
        "last_detail": "",
        "last_duration_seconds": None,
        "running": 0,
        "overdue": 0,
    }


def test_a_job_is_run_and_its_outcome_answered(client: FlaskClient) -> None:
    answer = client.post("/api/v1/jobs/good")
    assert answer.status_code == 200
    row = answer.get_json()
    assert (row["job"], row["outcome"], row["error"], row["detail"]) == ("good", "succeeded", "", "did it")
    (listed, *_) = client.get("/api/v1/jobs").get_json()
    assert (listed["last_outcome"], listed["last_detail"]) == ("succeeded", "did it")
    assert 0 <= listed["last_success"] - row["started_at"] < 1_000


def test_a_job_that_fails_is_answered_with_its_error(client: FlaskClient) -> None:
    row = client.post("/api/v1/jobs/bad").get_json()
    assert (row["outcome"], row["error"]) == ("failed", "OSError: no room")
    assert client.get("/api/v1/jobs").get_json()[2]["last_error"] == "OSError: no room"


def test_a_long_job_is_accepted_and_goes_on(client: FlaskClient, go_on: threading.Event, schedule: Schedule) -> None:
    answer = client.post("/api/v1/jobs/slow")
    assert (answer.status_code, answer.get_json()["outcome"]) == (202, "queued")
    assert client.get("/api/v1/jobs").get_json()[1]["running"] == 1
    again = client.post("/api/v1/jobs/slow")
    assert (again.status_code, again.get_json()["error"]["code"]) == (409, "conflict")
    go_on.set()
    until(lambda: schedule.board.state("slow").last_success is not None)


def test_only_one_request_waits_so_that_threads_stay_free(client: FlaskClient, schedule: Schedule) -> None:
    waiting = threading.Thread(target=client.post, args=("/api/v1/jobs/slow",))
    waiting.start()
    until(lambda: schedule.board.state("slow").running)
    assert client.application.test_client().post("/api/v1/jobs/good").status_code == 202
    waiting.join()


def test_an_unknown_job_names_the_known_ones(client: FlaskClient) -> None:
    answer = client.post("/api/v1/jobs/god")
    assert answer.status_code == 404
    assert "known are good, slow, bad" in answer.get_json()["error"]["message"]


Ask = Callable[[FlaskClient], int]


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9108", "null", ""])
def test_a_web_page_may_not_run_a_job(client: FlaskClient, origin: str, schedule: Schedule) -> None:
    assert client.post("/api/v1/jobs/good", headers={"Origin": origin}).status_code == 403
    assert schedule.board.state("good").last_run is None


@pytest.mark.parametrize(
    ("address", "status"),
    [("127.0.0.1", 200), ("::1", 200), ("127.3.2.1", 200), ("10.0.0.7", 403), ("fe80::1%eth0", 403)],
)
def test_only_this_machine_may_run_a_job(client: FlaskClient, address: str, status: int) -> None:
    answer = client.post("/api/v1/jobs/good", environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status


def test_jobs_are_not_run_by_a_get(client: FlaskClient) -> None:
    assert client.get("/api/v1/jobs/good").status_code == 405


REPORT = [Verdict("disk_free", Status.CRITICAL, "4 %", "Make room."), Verdict("jobs", Status.OK, "5 on time", "Fine.")]


def test_reports_come_newest_first_and_the_worst_check_first(client: FlaskClient, cursor: MaintenanceCursor) -> None:
    later = NOW + timedelta(minutes=5)
    write_health_report(cursor, NOW, REPORT)
    write_health_report(cursor, later, REPORT[1:])
    rows = client.get("/api/v1/health-reports").get_json()
    assert [(row["time"], row["check"]) for row in rows] == [
        (to_epoch_ms(later), "jobs"), (to_epoch_ms(NOW), "disk_free"), (to_epoch_ms(NOW), "jobs"),
    ]  # fmt: skip
    assert rows[1] == {
        "time": to_epoch_ms(NOW), "check": "disk_free", "status": "critical", "value": "4 %", "detail": "Make room.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "minutes"),
    [
        ("latest=1", [10]),
        ("latest=0", [10, 5, 0]),
        (f"latest=1&from={to_epoch_ms(NOW + timedelta(hours=9))}", [10]),
        (f"latest=1&to={to_epoch_ms(NOW + timedelta(minutes=9))}", [5]),
        (f"latest=1&to={to_epoch_ms(NOW) - 1}", []),
        (f"from={to_epoch_ms(NOW + timedelta(minutes=5))}", [10, 5]),
        ("limit=1", [10]),
    ],
)
def test_the_latest_report_is_that_of_the_end_of_the_range(
    client: FlaskClient, cursor: MaintenanceCursor, query: str, minutes: list[int]
) -> None:
    for minute in (0, 5, 10):
        write_health_report(cursor, NOW + timedelta(minutes=minute), REPORT[:1])
    rows = client.get(f"/api/v1/health-reports?{query}").get_json()
    assert [row["time"] for row in rows] == [to_epoch_ms(NOW + timedelta(minutes=minute)) for minute in minutes]


def test_findings_are_listed_with_severity_and_count(client: FlaskClient, cursor: MaintenanceCursor) -> None:
    write_findings(cursor, NOW, [Finding(Check.GAPS, "service_metrics search", "3 minutes are missing.", 3)])
    assert client.get("/api/v1/quality-findings").get_json() == [
        {
            "time": to_epoch_ms(NOW),
            "check": "gaps",
            "severity": "warning",
            "subject": "service_metrics search",
            "detail": "3 minutes are missing.",
            "count": 3,
        }
    ]
    assert client.get(f"/api/v1/quality-findings?to={to_epoch_ms(NOW) - 1}").get_json() == []


@pytest.mark.parametrize("path", ["jobs", "health-reports", "quality-findings"])
def test_empty_is_a_list_and_an_unknown_parameter_an_error(client: FlaskClient, path: str) -> None:
    assert isinstance(client.get(f"/api/v1/{path}").get_json(), list)
    assert client.get(f"/api/v1/{path}?newest=1").status_code == 400
