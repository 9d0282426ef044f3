"""Windows are judged by stream time, in order, once."""

from datetime import timedelta

from detector.decision import Verdict
from detector.engine import Engine
from detector.rules import Rule
from detector.settings import DetectorSettings
from detector.stream_clock import StreamClock
from runtime.topic_log import TopicPartition
from tests.fast.detector.counting import CALM, FAILING, MINUTE, SLOW, START, Minutes, counts

FIRST, SECOND = TopicPartition("t", 0), TopicPartition("t", 1)
SECOND_OF_TIME = timedelta(seconds=1)


def test_stream_time_is_the_minimum_of_the_partitions_and_unknown_until_all_have_one() -> None:
    clock = StreamClock([FIRST, SECOND])
    clock.advance(FIRST, START + MINUTE)
    assert clock.now is None
    clock.advance(SECOND, START)
    assert clock.now == START


def test_a_batch_without_events_or_with_older_ones_moves_nothing() -> None:
    clock = StreamClock([FIRST], {FIRST: START})
    clock.advance(FIRST, None)
    clock.advance(FIRST, START - MINUTE)
    assert clock.now == clock.time_of(FIRST) == START


def test_a_topic_without_partitions_has_no_stream_time() -> None:
    assert StreamClock([]).now is None


def test_a_window_is_judged_ten_seconds_after_its_end_and_not_before() -> None:
    engine = Engine(DetectorSettings())
    engine.add(counts(0, SLOW))
    assert engine.advance(START + MINUTE + 9 * SECOND_OF_TIME) == []
    assert len(engine.advance(START + MINUTE + 10 * SECOND_OF_TIME)) == 1


def test_stream_time_that_stands_still_or_goes_back_does_nothing(minutes: Minutes) -> None:
    minutes.pass_minutes([FAILING])
    now = START + minutes.minute * MINUTE + 10 * SECOND_OF_TIME
    for _ in range(10):
        assert minutes.engine.advance(now) == minutes.engine.advance(now - 30 * MINUTE) == []
    assert minutes.engine.episodes_open == 1


def test_windows_that_are_completed_at_once_are_judged_in_order_of_time() -> None:
    one_by_one, at_once = Minutes(), Minutes()
    traffic = [CALM] * 10 + [FAILING, FAILING, CALM, CALM, CALM, FAILING]
    one_by_one.pass_minutes(traffic)
    for minute in reversed(range(len(traffic))):
        at_once.engine.add(counts(minute, traffic[minute]))
    assert at_once.skip_minutes(len(traffic)) == one_by_one.published


def test_counts_of_a_judged_window_change_nothing(minutes: Minutes) -> None:
    assert not minutes.engine.add(counts(9, FAILING))
    assert minutes.skip_minutes(1) == []
    assert minutes.pass_minutes([FAILING])[0].baseline_value == 0.0


def test_counts_of_an_empty_minute_that_is_judged_are_late_too(minutes: Minutes) -> None:
    minutes.skip_minutes(5)
    assert not minutes.engine.add(counts(12, FAILING))


def test_repeated_and_disordered_counts_are_merged_by_maximum(minutes: Minutes) -> None:
    for errors in (20, 5, 20, 0):
        minutes.engine.add(counts(10, (100, errors, 0.1)))
    (anomaly,) = minutes.skip_minutes(1)
    assert anomaly.metric_value == 0.2


def test_an_empty_month_is_not_walked_through_minute_by_minute(minutes: Minutes) -> None:
    minutes.engine.take_verdicts()
    minutes.skip_minutes(30 * 24 * 60)
    assert sum(minutes.engine.take_verdicts().values()) == 0


def test_verdicts_are_counted_by_rule(minutes: Minutes) -> None:
    verdicts = minutes.engine.take_verdicts()
    assert verdicts[Rule.TRAFFIC_DROP, Verdict.NO_BASELINE] == 10
    assert verdicts[Rule.LATENCY_SLA, Verdict.NORMAL] == 10
    minutes.pass_minute({"search": CALM})
    assert minutes.engine.take_verdicts()[Rule.ERROR_RATE, Verdict.NO_DATA] == 1, "checkout was silent"
    assert sum(minutes.engine.take_verdicts().values()) == 0


def test_a_service_is_forgotten_after_a_day_without_requests(minutes: Minutes) -> None:
    minutes.skip_minutes(24 * 60 - 1)
    minutes.pass_minutes([CALM], "search")
    assert set(minutes.engine.services) == {"checkout", "search"}
    minutes.pass_minutes([CALM], "search")
    assert set(minutes.engine.services) == {"search"}


def test_counts_without_requests_make_no_service() -> None:
    minutes = Minutes()
    assert minutes.pass_minutes([(0, 0, 0.1)]) == []
    assert minutes.engine.services == {}
