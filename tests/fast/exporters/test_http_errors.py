"""Every error has the same form and the right status."""

import pytest

from exporters.store.database import Database
from exporters.store.pool import CursorPool
from tests.fast.exporters.conftest import Web


def assert_error(answer: object, status: int, code: str) -> None:
    assert getattr(answer, "status_code", None) == status
    body = answer.get_json()  # type: ignore[attr-defined]
    assert list(body) == ["error"]
    assert body["error"]["code"] == code
    assert body["error"]["message"]


def test_an_unknown_path_is_a_404(web: Web) -> None:
    assert_error(web.client.get("/api/v1/nothing"), 404, "not_found")


def test_another_method_is_a_405_that_names_the_right_ones(web: Web) -> None:
    answer = web.client.post("/api/v1/metrics")
    assert_error(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_a_body_that_is_too_long_is_a_413(web: Web) -> None:
    assert_error(web.client.get("/api/v1/books", data=b"x" * 1001), 413, "request_entity_too_large")


def test_an_exhausted_pool_is_a_503(web: Web, pool: CursorPool) -> None:
    with pool._cursor(), pool._cursor():
        assert_error(web.client.get("/api/v1/books"), 503, "store_busy")


def test_a_failure_of_ours_is_a_500_without_details(
    web: Web, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with database.cursor() as cursor:
        cursor.execute("ALTER TABLE counters RENAME TO hidden")
    answer = web.client.get("/api/v1/books")
    assert_error(answer, 500, "internal_server_error")
    assert "counters" not in answer.get_data(as_text=True)
    assert "report it" in caplog.text


def test_answers_are_counted_by_route_and_status(web: Web) -> None:
    for path in ("/api/v1/books", "/api/v1/books?x=1", "/nothing/at/all"):
        web.client.get(path)
    text = web.client.get("/metrics").get_data(as_text=True)
    assert 'http_requests_total{path="/api/v1/books",status="200"} 1.0' in text
    assert 'http_requests_total{path="/api/v1/books",status="400"} 1.0' in text
    assert 'http_requests_total{path="unmatched",status="404"} 1.0' in text
