"""What is published with a decision."""

import pytest

from contracts.anomalies import MAX_EVIDENCE_ENDPOINTS, MAX_EVIDENCE_SERVICES, Anomaly
from contracts.histogram import bucket_index
from contracts.topics import MAX_RECORD_BYTES
from detector.windows import WindowCounts
from tests.fast.detector.counting import CALM, DELAY, FAILING, MINUTE, SLOW, START, Minutes, counts

ONSET = START + 10 * MINUTE


def test_the_last_fifteen_windows_of_the_service_are_shown_as_the_rule_saw_them(minutes: Minutes) -> None:
    *_, last = minutes.pass_minutes([FAILING] * 8)
    windows = last.evidence.windows
    assert [window.window_start for window in windows] == [START + minute * MINUTE for minute in range(3, 18)]
    assert [window.value for window in windows] == [0.0] * 7 + [0.2] * 8
    assert [window.expected for window in windows] == [None] * 7 + [0.0] * 8
    assert [window.threshold for window in windows] == pytest.approx([0.072] * 7 + [0.01] * 8)
    assert (windows[0].requests, windows[0].errors) == (100, 0)


def test_windows_are_in_the_unit_of_the_rule(minutes: Minutes) -> None:
    (anomaly,) = minutes.pass_minutes([SLOW])
    newest = anomaly.evidence.windows[-1]
    assert newest.value == newest.latency_p95_seconds == anomaly.metric_value
    assert newest.value == pytest.approx(2.5, rel=0.011)
    assert newest.expected == pytest.approx(0.1, rel=0.011)
    assert newest.threshold == pytest.approx(0.2, rel=0.011)
    assert anomaly.evidence.rule == "latency_sla"


def test_a_minute_without_requests_is_shown_empty_and_those_before_the_first_are_not_shown() -> None:
    minutes = Minutes()
    minutes.skip_minutes(3)
    minutes.pass_minutes([CALM])
    minutes.skip_minutes(1)
    (anomaly,) = minutes.pass_minutes([SLOW])
    assert [window.requests for window in anomaly.evidence.windows] == [100, 0, 100]
    empty = anomaly.evidence.windows[1]
    assert (empty.value, empty.expected, empty.threshold, empty.latency_p95_seconds) == (None,) * 4


def opened(minutes: Minutes, *more: WindowCounts) -> Anomaly:
    """Let checkout fail in the next minute, beside ``more``, and return its anomaly."""
    start = START + minutes.minute * MINUTE
    changed = minutes.engine.feed([counts(minutes.minute, FAILING), *more], start + MINUTE + DELAY)
    return next(anomaly for anomaly in changed if anomaly.service == "checkout")


def test_other_services_are_shown_by_their_deviation_from_what_is_usual_for_them(minutes: Minutes) -> None:
    for _ in range(10):
        minutes.pass_minute(
            {"checkout": CALM, "slow_as_ever": (100, 0, 0.9), "cart": CALM, "search": CALM, "zero": CALM}
        )
    others = [
        counts(20, (100, 0, 0.9), "slow_as_ever"),
        counts(20, (100, 0, 0.4), "cart"),
        counts(20, (100, 1, 0.1), "search"),
        counts(20, (3, 3, 60.0), "zero"),
        counts(20, (100, 50, 0.1), "new"),
    ]
    shown = opened(minutes, *others).evidence.services
    assert [each.service for each in shown] == ["cart", "search", "new", "slow_as_ever", "zero"]
    assert (shown[1].error_ratio, shown[1].usual_error_ratio) == (0.01, 0.0)
    assert shown[2].usual_error_ratio is None
    assert shown[2].usual_latency_p95_seconds is None


def test_at_most_twenty_other_services_are_shown(minutes: Minutes) -> None:
    shown = opened(minutes, *(counts(10, CALM, f"s{number:02}") for number in range(30))).evidence.services
    assert [each.service for each in shown] == [f"s{number:02}" for number in range(MAX_EVIDENCE_SERVICES)]


def test_the_others_stay_those_of_the_last_bad_window_when_it_is_over(minutes: Minutes) -> None:
    opened(minutes, counts(10, CALM, "search"))
    minutes.minute += 1
    (final,) = minutes.skip_minutes(5)
    assert final.resolved
    assert [each.service for each in final.evidence.services] == ["search"]


def test_endpoints_are_shown_by_their_errors_in_the_worst_window(minutes: Minutes) -> None:
    window = [counts(10, (100, errors, 0.1), endpoint=f"/{errors:02}") for errors in range(12)]
    minutes.engine.feed(window, ONSET + MINUTE + DELAY)
    minutes.minute += 1
    later = next(each for each in minutes.pass_minutes([(1000, 20, 0.1)]) if each.evidence.rule == "error_rate")
    shown = later.evidence.endpoints
    assert [each.endpoint for each in shown] == [f"/{errors:02}" for errors in range(11, 1, -1)]
    assert len(shown) == MAX_EVIDENCE_ENDPOINTS
    assert (shown[0].requests, shown[0].errors) == (100, 11)
    assert later.evidence.sample_size == 1200


def test_endpoints_are_shown_by_their_requests_above_the_limit_when_it_is_about_latency(minutes: Minutes) -> None:
    slow, fast = bucket_index(3.0), bucket_index(0.01)
    window = [
        WindowCounts(ONSET, "checkout", "/half", [(slow, 60, 0), (fast, 60, 0)]),
        WindowCounts(ONSET, "checkout", "/few", [(bucket_index(50.0), 10, 0)]),
        WindowCounts(ONSET, "checkout", "/fast", [(fast, 900, 900)]),
    ]
    changed = minutes.engine.feed(window, ONSET + MINUTE + DELAY)
    spike = next(each for each in changed if each.evidence.rule == "latency_sla")
    assert [each.endpoint for each in spike.evidence.endpoints] == ["/half", "/few", "/fast"]


def test_the_largest_anomaly_fits_the_topic(minutes: Minutes) -> None:
    crowd = [counts(10, CALM, f"{number:03}{'s' * 125}") for number in range(300)]
    parts = [counts(10, FAILING, endpoint=f"{number:03}{'😀' * 253}") for number in range(300)]
    assert len(opened(minutes, *crowd, *parts).encode()) < MAX_RECORD_BYTES // 8
