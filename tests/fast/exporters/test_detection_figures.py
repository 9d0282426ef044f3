"""How well the running system detects injected faults: the last 24 hours, for /metrics."""

import pytest

from exporters.store.detection_figures import SCORED_TIME, DetectionFigures, read_detection
from exporters.store.detection_score import Score
from exporters.store.pool import CursorPool
from exporters.store.sink import Sink
from tests.fast.exporters.incidents import anomaly, apply, injection, reach
from tests.fast.exporters.traffic import MINUTE, START

HOUR = 60


def detection(pool: CursorPool, minutes: float, earlier: DetectionFigures | None = None) -> DetectionFigures:
    found = read_detection(pool, START + minutes * MINUTE, earlier)
    assert found is not None
    return found


def score(sink: Sink, pool: CursorPool, minutes: float) -> Score:
    """Return the score as at a stream time of so many minutes after ``START``."""
    reach(sink, minutes)
    found = detection(pool, minutes).score
    assert found is not None
    return found


def test_injections_are_counted_by_kind_and_outcome(sink: Sink, pool: CursorPool) -> None:
    drops = [injection(name, start, end, kind="traffic_drop") for name, start, end in (("m", 20, 23), ("p", 55, 57))]
    apply(sink, injection(start=5, end=8), *drops, injection("r", 59, 65), anomaly(start=6, end=9))
    assert score(sink, pool, HOUR).outcomes == {
        ("error_surge", "detected"): 1,
        ("traffic_drop", "missed"): 1,
        ("traffic_drop", "pending"): 1,
        ("error_surge", "running"): 1,
    }


def test_recall_is_over_what_is_decided(sink: Sink, pool: CursorPool) -> None:
    apply(sink, injection(start=5, end=8), injection("m", 20, 23), injection("p", 55, 57), anomaly(start=6, end=9))
    assert score(sink, pool, HOUR).recall == 0.5


def test_before_anything_is_decided_recall_is_not_known(sink: Sink, pool: CursorPool) -> None:
    apply(sink, injection(start=55, end=70))
    found = score(sink, pool, HOUR)
    assert (found.recall, found.median_delay_seconds, found.delay_seconds(0.95)) == (None, None, None)


def test_an_incident_that_no_fault_explains_is_a_false_alarm(sink: Sink, pool: CursorPool) -> None:
    false_one = [anomaly(name, 30, 32, incident_id="j") for name in ("b", "c")]
    apply(sink, injection(start=5, end=8), anomaly(start=6, end=9), *false_one)
    assert score(sink, pool, HOUR).false_alarms == 1


def test_where_nothing_was_injected_there_is_nothing_to_compare_with(sink: Sink, pool: CursorPool) -> None:
    apply(sink, anomaly())
    reach(sink, HOUR)
    assert detection(pool, HOUR).score is None


def test_only_a_day_of_stream_time_counts(sink: Sink, pool: CursorPool) -> None:
    apply(sink, injection(start=5, end=8), injection("m", 20, 23), anomaly(start=1, end=3))
    day = SCORED_TIME / MINUTE
    assert [sum(score(sink, pool, day + later).outcomes.values()) for later in (0, 15)] == [2, 1]
    assert detection(pool, day + 30).score is None


def test_without_stream_time_there_is_no_score(pool: CursorPool) -> None:
    assert read_detection(pool, None, None) is None


def test_within_a_minute_it_is_not_read_again(sink: Sink, pool: CursorPool) -> None:
    apply(sink, injection())
    known = detection(pool, 10.1)
    assert detection(pool, 10.9, known) is known
    assert detection(pool, 11, known).minute == START + 11 * MINUTE


@pytest.mark.parametrize(("delays", "slow"), [((10.0,), 10), (tuple(range(1, 21)), 19), (tuple(range(1, 22)), 20)])
def test_the_slowest_delay_but_a_twentieth_is_a_nearest_rank(delays: tuple[float, ...], slow: float) -> None:
    assert Score({}, 0, delays).delay_seconds(0.95) == slow


def test_the_median_delay_is_that_of_the_detected(sink: Sink, pool: CursorPool) -> None:
    apply(sink, injection(start=5, end=8), injection("m", 20, 23), anomaly(start=5, end=9))
    assert score(sink, pool, HOUR).median_delay_seconds == 71
