"""Window updates become facts and everything that is computed from them."""

import pytest

from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Rows
from tests.fast.exporters.traffic import messages, update


def test_the_last_cumulative_numbers_count(sink: Sink, rows: Rows) -> None:
    old = update([(-96, 10, 1, 1.25, 0.125)], batch_id=0)
    new = update([(-96, 15, 2, 2.0, 0.125), (-90, 5, 0, 0.75, 0.15)], batch_id=1)
    sink.apply("A", messages([old, new]))
    row = rows("SELECT request_count, error_count, error_rate, avg_latency_ms, max_latency_ms FROM endpoint_metrics")
    assert row == [
        {"request_count": 20, "error_count": 2, "error_rate": 0.1, "avg_latency_ms": 137.5, "max_latency_ms": 150.0}
    ]


def test_an_update_that_arrives_late_takes_nothing_back(sink: Sink, rows: Rows) -> None:
    sink.apply("A", messages([update([(-96, 15, 2, 2.0, 0.125)], batch_id=1)]))
    sink.apply("A", messages([update([(-96, 10, 1, 1.25, 0.125)], batch_id=0)], first_offset=1))
    assert rows("SELECT request_count, error_count FROM endpoint_metrics") == [{"request_count": 15, "error_count": 2}]


def test_buckets_that_an_update_does_not_name_stay(sink: Sink, rows: Rows) -> None:
    sink.apply("A", messages([update([(-96, 10, 1, 1.25, 0.125)])]))
    sink.apply("A", messages([update([(-90, 5, 0, 0.75, 0.15)])], first_offset=1))
    assert rows("SELECT bucket_index, bucket_requests FROM endpoint_metrics") == [
        {"bucket_index": [-96, -90], "bucket_requests": [10, 5]}
    ]


def test_events_of_another_cluster_add_up(sink: Sink, rows: Rows) -> None:
    sink.apply("A", messages([update([(-96, 10, 1, 1.25, 0.125)])]))
    sink.apply("B", messages([update([(-96, 4, 0, 0.5, 0.2)])]))
    sink.apply("B", messages([update([(-96, 4, 0, 0.5, 0.2)])]))
    for table in ("service_metrics", "hourly_metrics", "series_totals"):
        assert {row["request_count"] for row in rows(f"FROM {table}")} == {14}
    assert rows("SELECT sum(request_count) AS n FROM endpoint_metrics") == [{"n": 14}]


def test_a_service_is_its_endpoints_merged(sink: Sink, rows: Rows) -> None:
    cart, pay = (
        update([(-96, 90, 0, 11.25, 0.125)], endpoint="/cart"),
        update([(32, 10, 10, 20.0, 2.0)], endpoint="/pay"),
    )
    sink.apply("A", messages([cart]))
    sink.apply("A", messages([pay], first_offset=1))
    (row,) = rows("SELECT request_count, error_rate, p50_latency_ms, p95_latency_ms FROM service_metrics")
    assert (row["request_count"], row["error_rate"]) == (100, 0.1)
    assert row["p50_latency_ms"] == pytest.approx(125, rel=0.011)
    assert row["p95_latency_ms"] == pytest.approx(2000, rel=0.011)


def test_hours_have_a_row_per_endpoint_and_one_for_the_whole_service(sink: Sink, rows: Rows) -> None:
    updates = [update(minute=minute, endpoint=endpoint) for minute in (0, 59, 60) for endpoint in ("/a", "/b")]
    sink.apply("A", messages(updates))
    counts = rows("SELECT hour(window_start) AS h, endpoint, request_count AS n FROM hourly_metrics ORDER BY ALL")
    assert [tuple(row.values()) for row in counts] == [
        (12, "", 40), (12, "/a", 20), (12, "/b", 20), (13, "", 20), (13, "/a", 10), (13, "/b", 10),
    ]  # fmt: skip


def test_totals_outlive_the_rows_they_came_from(sink: Sink, rows: Rows) -> None:
    sink.apply("A", messages([update(minute=0)]))
    rows("DELETE FROM endpoint_metrics")
    sink.apply("A", messages([update(minute=1)], first_offset=1))
    assert rows("SELECT ordinal, request_count, classic_index, classic_requests FROM series_totals") == [
        {"ordinal": 1, "request_count": 20, "classic_index": [-6], "classic_requests": [20]}
    ]


def test_an_update_without_buckets_changes_nothing(sink: Sink, rows: Rows) -> None:
    sink.apply("A", messages([update([]), update([(-96, 0, 0, 0.0, 0.0)])]))
    assert rows("FROM endpoint_metrics") == []
