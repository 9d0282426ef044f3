"""What is usual: the un-alerted windows of the last hour."""

import pytest

from contracts.anomalies import Anomaly, AnomalyType
from detector.settings import DetectorSettings
from tests.fast.detector.counting import CALM, FAILING, SLOW, Minutes, Traffic

BARELY: Traffic = (100, 12, 0.1)
"""A surge, and below what the promise alone would call one at once."""


def surges(changed: list[Anomaly]) -> list[Anomaly]:
    return [each for each in changed if each.anomaly_type is AnomalyType.ERROR_SURGE]


def test_errors_are_held_against_what_is_usual_after_ten_windows_with_requests() -> None:
    assert Minutes().pass_minutes([CALM] * 9 + [BARELY]) == []
    assert len(Minutes().pass_minutes([CALM] * 10 + [BARELY])) == 1


def test_minutes_without_requests_are_no_windows_of_the_baseline() -> None:
    minutes = Minutes()
    minutes.pass_minutes([CALM] * 9)
    minutes.skip_minutes(20)
    assert minutes.pass_minutes([BARELY]) == []


def test_the_baseline_is_the_ratio_of_sums_not_the_mean_of_ratios() -> None:
    minutes = Minutes()
    busy_and_good, thin_and_bad = (1000, 0, 0.1), (60, 4, 0.1)
    minutes.pass_minutes([busy_and_good, thin_and_bad] * 5)
    (anomaly,) = surges(minutes.pass_minutes([(1000, 200, 0.1)]))
    assert anomaly.baseline_value == pytest.approx(20 / 5300)
    assert anomaly.threshold_value == pytest.approx(3 * 20 / 5300)


def test_the_usual_latency_is_the_median_of_the_p95(minutes: Minutes) -> None:
    minutes.pass_minutes([(100, 0, 0.18)] * 3)
    (anomaly,) = minutes.pass_minutes([SLOW])
    assert anomaly.baseline_value == pytest.approx(0.1, rel=0.011)


def test_a_first_window_can_be_too_slow_without_anything_usual() -> None:
    (anomaly,) = Minutes().pass_minutes([SLOW])
    assert anomaly.baseline_value is None
    assert "what is usual is not known yet" in anomaly.description


def test_a_service_that_is_slow_from_its_first_minute_on_is_usual_after_ten() -> None:
    minutes = Minutes()
    changed = minutes.pass_minutes([SLOW] * 12)
    assert changed[-1].resolved
    assert minutes.pass_minutes([SLOW] * 60) == []


def test_what_is_older_than_an_hour_is_not_usual_any_more() -> None:
    failing_a_little: Traffic = (100, 3, 0.1)
    minutes = Minutes()
    minutes.pass_minutes([failing_a_little] * 60 + [CALM] * 59)
    (first,) = minutes.pass_minutes([FAILING])
    assert first.baseline_value == pytest.approx(3 / 5500)
    later = Minutes()
    later.pass_minutes([failing_a_little] * 60 + [CALM] * 60)
    assert later.pass_minutes([FAILING])[0].baseline_value == 0


def test_the_newest_minutes_are_not_usual_yet(minutes: Minutes) -> None:
    minutes.pass_minutes([CALM] * 10 + [(100, 1, 0.1)] * 5)
    assert minutes.pass_minutes([FAILING])[0].baseline_value == 0


def test_alerted_windows_are_not_usual(minutes: Minutes) -> None:
    minutes.pass_minutes([FAILING] * 20 + [CALM] * 2)
    (again,) = minutes.pass_minutes([FAILING])
    assert again.baseline_value == 0


def test_a_bad_minute_that_nobody_called_is_not_usual(minutes: Minutes) -> None:
    one_bad_minute = (100, 9, 0.1)
    minutes.pass_minutes([one_bad_minute] + [CALM] * 20)
    assert minutes.pass_minutes([FAILING])[0].baseline_value == 0


def test_a_latency_spike_leaves_its_windows_out_of_the_errors_baseline_too(minutes: Minutes) -> None:
    slow_and_failing_a_little = (100, 1, 2.5)
    minutes.pass_minutes([slow_and_failing_a_little] * 5 + [CALM] * 2)
    assert minutes.pass_minutes([FAILING])[0].baseline_value == 0


def test_minutes_with_an_anomaly_of_another_service_are_left_out_while_there_are_others() -> None:
    minutes = Minutes()
    for minute in range(60):
        is_bad = minute in range(30, 40)
        cart = (100, 1, 0.1) if is_bad else CALM
        minutes.pass_minute({"checkout": FAILING if is_bad else CALM, "cart": cart})
    changed = minutes.pass_minute({"checkout": CALM, "cart": FAILING})
    assert changed[0].baseline_value == 0


def test_an_anomaly_that_outlasts_the_hour_is_still_judged_by_what_was_usual_before(minutes: Minutes) -> None:
    minutes.pass_minutes([FAILING] * 180)
    (only,) = minutes.final().values()
    assert not only.resolved
    assert (only.revision, only.baseline_value) == (180, 0)
    assert only.evidence.windows[-1].threshold == 0.01


def test_after_a_long_anomaly_the_old_baseline_holds_until_there_is_a_new_one(minutes: Minutes) -> None:
    minutes.pass_minutes([FAILING] * 90 + [CALM] * 3)
    assert len(minutes.pass_minutes([FAILING])) == 1
    assert len(minutes.final()) == 2


def test_after_hours_without_traffic_nothing_is_usual(minutes: Minutes) -> None:
    minutes.skip_minutes(300)
    assert minutes.pass_minutes([BARELY]) == []


def test_how_many_windows_are_needed_is_a_setting() -> None:
    minutes = Minutes(DetectorSettings(detector_baseline_windows=1))
    assert len(minutes.pass_minutes([CALM, FAILING])) == 1
