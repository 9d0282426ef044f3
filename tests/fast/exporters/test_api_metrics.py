"""/api/v1/metrics: rows per step and series, from the right table and in the right range."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.times import to_epoch_ms
from exporters.store import metric_queries
from exporters.store.database import Database
from exporters.store.selection import Span
from exporters.store.sink import Sink
from exporters.store.steps import MAX_POINTS, Resolution, choose_steps
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.traffic import MINUTE, START, messages, update

START_MS = to_epoch_ms(START)
PATH = "/api/v1/metrics"
BUSY, CALM = [(-96, 60, 6, 7.5, 0.125)], [(-128, 30, 0, 1.875, 0.0625)]


@pytest.fixture(autouse=True)
def traffic(sink: Sink) -> None:
    updates = [update(BUSY if minute % 2 else CALM, minute, "checkout", "/cart") for minute in range(10)]
    others = [update(CALM, minute, service, "/pay") for minute in range(10) for service in ("checkout", "search")]
    sink.apply("A", messages([*updates, *others]))


def test_without_an_endpoint_a_row_is_a_whole_service(web: Web) -> None:
    rows = web.get(f"{PATH}?service=checkout&from={START_MS + 60_000}&to={START_MS + 119_999}")
    (row,) = rows
    assert list(row) == [
        "time", "service", "endpoint", "request_rate", "error_ratio", "p50_seconds", "p95_seconds", "p99_seconds",
    ]  # fmt: skip
    assert (row["time"], row["service"], row["endpoint"]) == (START_MS + 60_000, "checkout", "")
    assert (row["request_rate"], row["error_ratio"]) == (1.5, pytest.approx(6 / 90))
    assert row["p95_seconds"] == pytest.approx(0.125, rel=0.011)


def test_asked_for_endpoints_have_rows_of_their_own(web: Web) -> None:
    rows = web.get(f"{PATH}?endpoint=/cart,/pay&service=checkout")
    assert {row["endpoint"] for row in rows} == {"/cart", "/pay"}
    assert len(rows) == 20


def test_a_step_keeps_the_mean_rate_and_the_largest_ratio_and_latency(web: Web) -> None:
    (row,) = web.get(f"{PATH}?endpoint=/cart&step_ms=600000&from={START_MS}&to={START_MS + 599_999}")
    assert row["request_rate"] == pytest.approx(0.75)
    assert row["error_ratio"] == pytest.approx(0.1)
    assert row["p50_seconds"] == pytest.approx(0.125, rel=0.011)


def test_steps_are_rounded_up_to_whole_windows(web: Web) -> None:
    assert len(web.get(f"{PATH}?service=search&step_ms=15000")) == 10
    assert len(web.get(f"{PATH}?service=search&step_ms=60001")) == 5


def test_over_a_long_range_steps_are_hours(web: Web) -> None:
    (row,) = web.get(f"{PATH}?service=search&from=0&to={START_MS + 10**10}&step_ms=3600000")
    assert row["time"] % 3_600_000 == 0


@given(st.integers(0, 2**41), st.integers(0, 2**41), st.integers(1, 10_000), st.integers(1, 10**8))
def test_steps_cover_the_range_with_no_more_points_than_asked_for(
    begin_ms: int, span_ms: int, points: int, step_ms: int
) -> None:
    steps = choose_steps(Span(begin_ms, begin_ms + span_ms), Resolution(step_ms, points))
    assert (steps.end_ms - steps.begin_ms) // steps.step_ms <= min(points, MAX_POINTS)
    assert (steps.begin_ms % 60_000, steps.step_ms % 60_000) == (0, 0)
    assert steps.step_ms >= step_ms
    assert begin_ms - steps.step_ms < steps.begin_ms <= begin_ms
    assert begin_ms + span_ms < steps.end_ms <= begin_ms + span_ms + steps.step_ms


def test_more_than_one_step_begins_at_multiples_of_its_length() -> None:
    earlier, later = (
        choose_steps(Span(begin, begin + 10**9), Resolution(1, 100)) for begin in (START_MS, START_MS + 1)
    )
    assert earlier == later
    assert earlier.begin_ms % earlier.step_ms == 0


@pytest.mark.parametrize("points", [1, 2, 4, 10, 10_000])
def test_no_series_has_more_points_than_asked_for_and_the_peak_is_kept(web: Web, points: int) -> None:
    rows = web.get(f"{PATH}?endpoint=/cart&max_points={points}&from={START_MS}&to={START_MS + 599_999}")
    assert 1 <= len(rows) <= min(points, 10)
    assert max(row["error_ratio"] for row in rows) == pytest.approx(0.1)
    assert max(row["p99_seconds"] for row in rows) == pytest.approx(0.125, rel=0.011)


def test_of_many_series_the_steps_are_longer(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metric_queries, "MAX_ROWS", 6)
    rows = web.get(f"{PATH}?from={START_MS}&to={START_MS + 599_999}")
    assert len(rows) == 4
    assert {(row["service"], row["time"]) for row in rows if row["time"] <= START_MS} == {
        ("checkout", START_MS), ("search", START_MS),
    }  # fmt: skip


def test_before_the_minutes_that_are_kept_there_are_hours(web: Web, database: Database) -> None:
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM service_metrics WHERE window_start < '2026-01-01 13:00'")
        cursor.execute("INSERT INTO minutes_kept VALUES ('2026-01-01 13:00')")
    rows = web.get(f"{PATH}?service=checkout&from={START_MS}&to={START_MS + 7_200_000}")
    assert [row["time"] for row in rows] == [START_MS]
    assert rows[0]["request_rate"] == pytest.approx((10 * 30 + 5 * 90) / 3600)


def test_the_default_range_ends_with_the_newest_window(web: Web, sink: Sink) -> None:
    sink.apply("A", messages([update(minute=-181, service="old")], first_offset=30))
    rows = web.get(PATH)
    assert rows[0]["time"] == START_MS
    assert rows[-1]["time"] == START_MS + 9 * 60_000
    assert {row["service"] for row in rows} == {"checkout", "search"}


def test_a_limit_keeps_the_newest_rows_oldest_first(web: Web) -> None:
    times = [row["time"] for row in web.get(f"{PATH}?service=search&limit=2")]
    assert times == [START_MS + 8 * 60_000, START_MS + 9 * 60_000]


def test_nothing_found_is_an_empty_array(web: Web) -> None:
    answer = web.client.get(f"{PATH}?service=nobody")
    assert (answer.status_code, answer.data.strip()) == (200, b"[]")


def test_times_may_be_written_as_rfc_3339(web: Web) -> None:
    minute = (START + MINUTE).isoformat()
    assert len(web.get(f"{PATH}?service=search&from={minute}&to=2026-01-01T12:02:00Z")) == 2
