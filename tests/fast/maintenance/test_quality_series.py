"""Data quality along time: minutes that are missing, and windows far from the usual."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from exporters.store.maintenance_cursor import MaintenanceCursor
from exporters.store.series_quality import gaps, newest_settled_window, outliers
from exporters.store.sink import Sink
from tests.fast.exporters.traffic import MINUTE, START, messages, update
from tests.fast.maintenance.conftest import Fill

LAST = START + 119 * MINUTE


def test_minutes_that_one_service_lacks_are_a_gap(cursor: MaintenanceCursor, fill: Fill) -> None:
    fill(range(120), ("checkout",))
    fill(range(10, 50), ("search",))
    fill(range(53, 120), ("search",))
    (gap,) = gaps(cursor, LAST)
    assert (gap.service, gap.missing) == ("search", 3)
    assert (gap.oldest, gap.newest) == (START + 50 * MINUTE, START + 52 * MINUTE)


def test_a_service_that_falls_silent_has_a_gap_up_to_the_newest_closed_window(
    cursor: MaintenanceCursor, fill: Fill
) -> None:
    fill(range(120), ("checkout",))
    fill(range(100), ("search",))
    (gap,) = gaps(cursor, LAST - 5 * MINUTE)
    assert (gap.service, gap.missing, gap.newest) == ("search", 15, LAST - 5 * MINUTE)


def test_minutes_that_every_service_lacks_are_none(cursor: MaintenanceCursor, fill: Fill) -> None:
    fill(range(50))
    fill(range(60, 120))
    assert list(gaps(cursor, LAST)) == []


def test_a_service_with_little_traffic_has_no_gaps(cursor: MaintenanceCursor, fill: Fill, sink: Sink) -> None:
    fill(range(120), ("checkout",))
    thin = [update([(-96, 9, 0, 1.0, 0.125)], minute=minute, service="thin") for minute in range(0, 120, 2)]
    sink.apply("A", messages(thin, first_offset=900_000))
    assert list(gaps(cursor, LAST)) == []


def test_only_the_last_day_is_looked_at(cursor: MaintenanceCursor, fill: Fill) -> None:
    fill(range(10), ("checkout", "search"))
    fill(range(1_500, 1_560), ("checkout",))
    assert list(gaps(cursor, START + 1_559 * MINUTE)) == []


def requests(cursor: MaintenanceCursor, sink: Sink, counts: Iterable[int]) -> list[tuple[int, float]]:
    updates = [
        update([(-96, count, 0, 0.1 * count, 0.125)], minute=minute) for minute, count in enumerate(counts) if count
    ]
    sink.apply("A", messages(updates))
    return [(found.outliers, found.farthest) for found in outliers(cursor, "request_count", LAST)]


STEADY = [600, 610, 590, 605, 595] * 24


def test_a_window_far_from_the_median_is_an_outlier(cursor: MaintenanceCursor, sink: Sink) -> None:
    assert requests(cursor, sink, [*STEADY[:60], 10, 3_000, *STEADY[62:]]) == [(2, 3_000)]


def test_steady_traffic_has_none(cursor: MaintenanceCursor, sink: Sink) -> None:
    assert requests(cursor, sink, STEADY) == []


def test_equal_counts_may_vary_as_much_as_chance_does(cursor: MaintenanceCursor, sink: Sink) -> None:
    spread = 0.6745 * 600**0.5
    near, far = int(600 + 10 * spread), int(600 + 10 * spread) + 1
    assert requests(cursor, sink, [*[600] * 60, near, far, *[600] * 58]) == [(1, far)]


def test_windows_beside_a_gap_are_filled_in_part_and_not_judged(cursor: MaintenanceCursor, sink: Sink) -> None:
    assert requests(cursor, sink, [1, *STEADY[1:60], 1, 0, 1, *STEADY[63:119], 1]) == []


def test_with_too_few_windows_nothing_is_judged(cursor: MaintenanceCursor, sink: Sink) -> None:
    assert requests(cursor, sink, [600] * 20 + [1] + [600] * 10) == []


@pytest.mark.parametrize(("bucket", "found"), [(-90, 0), (-80, 1)])
def test_a_slow_window_is_an_outlier_from_ten_buckets_on(
    cursor: MaintenanceCursor, sink: Sink, bucket: int, found: int
) -> None:
    indexes = [bucket if minute == 60 else -96 for minute in range(120)]
    updates = [update([(index, 10, 0, 1.0, 1.0)], minute=minute) for minute, index in enumerate(indexes)]
    sink.apply("A", messages(updates))
    assert [each.outliers for each in outliers(cursor, "p95_latency_ms", LAST)] == [1] * found


def test_without_stream_time_the_two_newest_windows_count_as_open(cursor: MaintenanceCursor, fill: Fill) -> None:
    assert newest_settled_window(cursor) is None
    fill(range(10))
    assert newest_settled_window(cursor) == START + timedelta(minutes=7)
