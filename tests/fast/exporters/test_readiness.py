"""/ready and / say which part is not ready and why; /health only that the process answers."""

from datetime import timedelta

from exporters.snapshot import Snapshot
from exporters.store.figures import Figures
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
    for path in ("/metrics", "/ready", "/api/v1/books"):
        assert f'href="{path}"' in page
        assert web.client.get(path).status_code in {200, 503}
    assert "has not read anything yet" in page
