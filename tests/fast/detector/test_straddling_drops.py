"""A drop that begins within a window is seen in the full minutes that end 20 and 40 s into the next one."""

from datetime import timedelta

import pytest

from contracts.anomalies import Anomaly, AnomalyType
from detector.arrivals import UNKNOWN_THIRDS, Straddling, Thirds, silent_thirds, straddling
from detector.engine import Engine
from detector.history import minute_of
from detector.revision import is_early
from detector.rules import RULES, Rule
from tests.fast.detector.counting import MINUTE, START, Minutes, arriving, counts

ONSET = START + 20 * MINUTE
SECOND = timedelta(seconds=1)
DROP = RULES.index(Rule.TRAFFIC_DROP)
Each = tuple[int, int, int]
STEADY: Each = (30, 30, 30)
CUT: Each = (30, 30, 3)
"""A drop in the last third: the 63 of 90 requests of the window prove nothing."""


def feed(engine: Engine, minute: int, thirds: Each, seconds: int, other: Each = STEADY) -> list[Anomaly]:
    """Let two services have this traffic; stream time is so many seconds from the minute's beginning."""
    both = [arriving(minute, thirds), arriving(minute, other, "search")]
    return engine.feed(both, START + minute * MINUTE + seconds * SECOND)


@pytest.fixture
def engine() -> Engine:
    """An engine that has seen twenty calm minutes of two services with ninety requests each."""
    watched = Minutes().engine
    for minute in range(20):
        assert feed(watched, minute, STEADY, 70) == []
    return watched


def test_a_drop_is_called_before_its_second_window_is_over(engine: Engine) -> None:
    assert feed(engine, 20, CUT, 70) == []
    assert feed(engine, 21, (3, 3, 0), 49) == []
    (called,) = feed(engine, 21, (3, 3, 1), 50)
    assert (called.anomaly_type, called.window_start) == (AnomalyType.TRAFFIC_DROP, ONSET + MINUTE)
    assert is_early(called)
    assert (called.metric_value, called.evidence.sample_size) == (9 / 60, 9)
    assert "only 0.15 requests/s came in the minute from 12:20:40 UTC;" in called.description


def test_what_was_called_is_confirmed_when_the_window_is_judged(engine: Engine) -> None:
    feed(engine, 20, CUT, 70)
    (called,) = feed(engine, 21, (3, 3, 1), 50)
    (judged,) = feed(engine, 21, (3, 3, 3), 70)
    assert (judged.anomaly_id, judged.revision) == (called.anomaly_id, 2)
    assert judged.detected_at == called.detected_at


def test_whoever_looks_only_at_the_end_finds_the_same_although_the_window_recovered(engine: Engine) -> None:
    engine.add(arriving(20, (30, 3, 3)))
    engine.add(arriving(20, STEADY, "search"))
    (judged,) = feed(engine, 21, (3, 30, 30), 70)
    assert (judged.anomaly_type, judged.metric_value) == (AnomalyType.TRAFFIC_DROP, 9 / 60)
    assert (judged.window_start, judged.window_end) == (ONSET, ONSET + 2 * MINUTE)


def test_a_service_that_falls_silent_is_missed_before_its_window_is_over(engine: Engine) -> None:
    feed(engine, 20, (30, 15, 0), 70)
    (called,) = engine.feed([arriving(21, STEADY, "search")], ONSET + MINUTE + 30 * SECOND)
    assert (called.service, called.metric_value) == ("checkout", 15 / 60)


def test_while_nobody_has_requests_the_pipeline_is_silent_and_no_service(engine: Engine) -> None:
    assert feed(engine, 20, (30, 30, 0), 70, other=(30, 30, 0)) == []
    assert feed(engine, 21, (0, 30, 30), 70, other=(0, 30, 30)) == []


def test_without_knowing_when_requests_came_only_whole_windows_are_judged(engine: Engine) -> None:
    feed(engine, 20, CUT, 70)
    both = [counts(21, (7, 0, 0.1)), arriving(21, STEADY, "search")]
    assert engine.feed(both, ONSET + MINUTE + 69 * SECOND) == []
    (judged,) = engine.advance(ONSET + MINUTE + 70 * SECOND)
    assert judged.metric_value == 7 / 60


def test_where_drops_are_a_habit_only_whole_windows_are_judged(engine: Engine) -> None:
    engine.services["checkout"].habits.habit_minutes[DROP] = minute_of(ONSET)
    feed(engine, 20, CUT, 70)
    assert feed(engine, 21, (3, 3, 3), 50) == []


@pytest.mark.parametrize(
    ("over", "expected"), [(0, ()), (1, (Straddling(6, 40),)), (2, (Straddling(6, 40), Straddling(12, 20)))]
)
def test_minutes_straddle_two_windows_as_far_as_these_are_over(over: int, expected: tuple[Straddling, ...]) -> None:
    assert straddling(Thirds(9, 2, 3), Thirds(1, 8, 100), over) == expected


def test_a_third_that_is_not_known_is_in_no_minute() -> None:
    assert straddling(Thirds(9, None, 3), Thirds(1, 8, 4), 3) == (Straddling(12, 20),)
    assert straddling(UNKNOWN_THIRDS, Thirds(1, 8, 4), 3) == ()


def test_a_third_without_requests_of_anybody_says_nothing() -> None:
    silent = silent_thirds([Thirds(1, 0, 0), UNKNOWN_THIRDS, Thirds(0, 0, 2)])
    assert Thirds(1, 0, 0).without(silent) == Thirds(1, None, 0)
