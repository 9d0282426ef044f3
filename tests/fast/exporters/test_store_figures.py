"""The figures for /metrics: named series up to a limit, and the newest closed window."""

from datetime import timedelta

import pytest

from exporters.store.figures import newest_closed_window, read_figures
from exporters.store.pool import CursorPool
from exporters.store.service_labels import OTHER
from exporters.store.sink import Sink
from tests.fast.exporters.traffic import MINUTE, START, messages, update


def test_a_window_is_closed_ten_seconds_after_its_end() -> None:
    assert newest_closed_window(START + MINUTE + timedelta(seconds=10)) == START
    assert newest_closed_window(START + MINUTE + timedelta(seconds=9)) == START - MINUTE
    assert newest_closed_window(None) is None


def test_the_closed_window_is_shown_and_the_open_one_is_not(sink: Sink, pool: CursorPool) -> None:
    closed = update([(-96, 90, 9, 11.25, 0.125), (32, 30, 0, 60.0, 2.0)], minute=0)
    sink.apply("A", messages([closed, update(minute=1, service="search")]))
    (window,) = read_figures(pool, START + MINUTE + timedelta(seconds=10)).windows
    assert (window.service, window.requests_per_second, window.error_ratio) == ("checkout", 2.0, 0.075)
    assert window.latency_seconds == pytest.approx({"0.5": 0.125, "0.95": 2.0, "0.99": 2.0}, rel=0.011)


def test_without_stream_time_there_is_no_window(sink: Sink, pool: CursorPool) -> None:
    sink.apply("A", messages([update()]))
    assert read_figures(pool, None).windows == ()


def test_classic_buckets_are_cumulative_and_exact(sink: Sink, pool: CursorPool) -> None:
    sink.apply(
        "A",
        messages(
            [update([(-638, 1, 0, 0.0, 0.0), (-320, 2, 0, 0.1, 0.1), (-319, 4, 0, 0.1, 0.1), (193, 8, 0, 1.0, 1.0)])]
        ),
    )
    (series,) = read_figures(pool, None).series
    assert series.cumulative[:3] == (3, 7, 7)
    assert series.cumulative[-2:] == (7, 15)


def test_the_first_200_services_keep_their_names_and_the_rest_add_up(sink: Sink, pool: CursorPool) -> None:
    sink.apply("A", messages([update(service=f"first{number}") for number in range(200)]))
    sink.apply("A", messages([update(service=f"late{number}") for number in range(3)], first_offset=200))
    figures = read_figures(pool, START + 2 * MINUTE)
    assert len(figures.series) == 201
    assert [(series.service, series.endpoint) for series in figures.series][-1] == (OTHER, OTHER)
    assert figures.series[-1].requests == 30
    assert len(figures.windows) == 201


def test_the_first_1000_series_keep_their_names_and_the_rest_add_up_within_the_service(
    sink: Sink, pool: CursorPool
) -> None:
    sink.apply("A", messages([update(endpoint=f"/{number}") for number in range(1003)]))
    series = read_figures(pool, None).series
    assert len(series) == 1001
    (other,) = [each for each in series if each.endpoint == OTHER]
    assert (other.service, other.requests) == ("checkout", 30)


def test_a_named_series_keeps_its_name_when_others_come(sink: Sink, pool: CursorPool) -> None:
    sink.apply("A", messages([update(service="zebra")]))
    sink.apply("A", messages([update(service="ant", minute=-10)], first_offset=1))
    sink.apply("A", messages([update(service="zebra", minute=5)], first_offset=2))
    assert [series.service for series in read_figures(pool, None).series] == ["zebra", "ant"]


def test_the_newest_batch_is_known(sink: Sink, pool: CursorPool) -> None:
    assert read_figures(pool, None).newest_batch_at is None
