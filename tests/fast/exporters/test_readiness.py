"""/ready and / say which part is not ready and why; /health only that the process answers."""

from datetime import timedelta

from flask import Blueprint
from prometheus_client import CollectorRegistry, Gauge

from exporters.instruments import Instruments
from exporters.snapshot import Snapshot
from exporters.store.figures import Figures
from exporters.store.pool import CursorPool
from exporters.web.app import create_app
from exporters.web.status import Limits, PartState
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.traffic import START


def test_health_needs_nothing(web: Web) -> None:
    assert web.client.get("/health").status_code == 200


def test_at_the_start_nothing_is_ready(web: Web) -> None:
    answer = web.client.get("/ready")
    assert answer.status_code == 503
    parts = answer.get_json()["parts"]
    assert [part["ready"] for part in parts.values()] == [False, False]
    assert "Kafka" in parts["sink"]["reason"]


def test_caught_up_with_a_recent_batch_is_ready(web: Web) -> None:
    web.snapshot = Snapshot(START, START, figures=Figures(newest_batch_at=START - timedelta(seconds=100)))
    assert web.client.get("/ready").status_code == 200


def test_an_old_batch_is_not_ready_and_says_how_old(web: Web) -> None:
    web.snapshot = Snapshot(START, START, figures=Figures(newest_batch_at=START - timedelta(seconds=121)))
    answer = web.client.get("/ready")
    assert answer.status_code == 503
    assert "121 s ago" in answer.get_json()["parts"]["streaming"]["reason"]


def test_a_sink_that_stands_still_is_not_ready(web: Web) -> None:
    web.snapshot = Snapshot(START, START, figures=Figures(newest_batch_at=START))
    web.now = START + timedelta(seconds=61)
    assert web.get("/ready")["parts"]["sink"]["ready"] is False


def test_the_page_links_to_everything_and_shows_the_parts(web: Web) -> None:
    page = web.client.get("/").get_data(as_text=True)
    for path in ("/metrics", "/ready", "/api/v1/books", "/api/v1/incidents", "/api/v1/variables/services", "/grafana"):
        assert f'href="{path}"' in page
        assert web.client.get(path).status_code in {200, 503}
    assert "has not read anything yet" in page


def test_further_parts_are_told_by_whoever_knows_them(pool: CursorPool) -> None:
    snapshot = Snapshot(START, START, figures=Figures(newest_batch_at=START))
    parts = {"detector": PartState(ready=True, reason="answers")}
    app = create_app(
        pool,
        lambda: snapshot,
        Instruments(),
        lambda: START,
        limits=Limits(60, 120),
        max_body_bytes=1,
        extra_parts=lambda: parts,
    )
    assert app.test_client().get("/ready").status_code == 200
    parts["narrator"] = PartState(ready=False, reason="does not answer")
    answer = app.test_client().get("/ready")
    assert (answer.status_code, list(answer.get_json()["parts"])) == (
        503,
        ["sink", "streaming", "detector", "narrator"],
    )
    assert "does not answer" in app.test_client().get("/").get_data(as_text=True)


def test_further_routes_and_metrics_are_served(pool: CursorPool) -> None:
    jobs = Blueprint("jobs", __name__, url_prefix="/api/v1")
    jobs.add_url_rule("/jobs", view_func=lambda: "[]")
    of_jobs = CollectorRegistry()
    Gauge("jobs_waiting", "Jobs that wait.", registry=of_jobs).set(3)
    app = create_app(
        pool,
        Snapshot,
        Instruments(),
        lambda: START,
        limits=Limits(60, 120),
        max_body_bytes=1,
        blueprints=[jobs],
        collectors=[of_jobs],
    )
    assert b"jobs_waiting 3.0" in app.test_client().get("/metrics").data
    assert app.test_client().get("/api/v1/jobs").status_code == 200
    assert 'href="/api/v1/jobs"' in app.test_client().get("/").get_data(as_text=True)
