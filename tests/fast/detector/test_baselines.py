"""What is usual: the un-alerted windows of the last hour."""

import pytest

from detector.settings import DetectorSettings
from tests.fast.detector.counting import CALM, FAILING, SLOW, Minutes, Traffic


def test_errors_are_judged_after_ten_windows_with_requests() -> None:
    assert Minutes().pass_minutes([CALM] * 9 + [FAILING]) == []
    assert len(Minutes().pass_minutes([CALM] * 10 + [FAILING])) == 1


def test_minutes_without_requests_are_no_windows_of_the_baseline() -> None:
    minutes = Minutes()
    minutes.pass_minutes([CALM] * 9)
    minutes.skip_minutes(20)
    assert minutes.pass_minutes([FAILING]) == []


def test_the_baseline_is_the_ratio_of_sums_not_the_mean_of_ratios() -> None:
    minutes = Minutes()
    busy_and_good, thin_and_bad = (1000, 0, 0.1), (10, 10, 0.1)
    minutes.pass_minutes([busy_and_good, thin_and_bad] * 5)
    (anomaly,) = minutes.pass_minutes([FAILING])
    assert anomaly.baseline_value == pytest.approx(50 / 5050)
    assert anomaly.threshold_value == pytest.approx(3 * 50 / 5050)


def test_the_usual_latency_is_the_median_of_the_p95(minutes: Minutes) -> None:
    minutes.pass_minutes([(100, 0, 0.3)] * 3)
    (anomaly,) = minutes.pass_minutes([SLOW])
    assert anomaly.baseline_value == pytest.approx(0.1, rel=0.011)


def test_a_first_window_can_be_too_slow_without_anything_usual() -> None:
    (anomaly,) = Minutes().pass_minutes([SLOW])
    assert anomaly.baseline_value is None
    assert "what is usual is not known yet" in anomaly.description


def test_what_is_older_than_an_hour_is_not_usual_any_more() -> None:
    minutes = Minutes()
    failing_a_little: Traffic = (100, 3, 0.1)
    minutes.pass_minutes([failing_a_little] * 60 + [CALM] * 59)
    (first,) = minutes.pass_minutes([FAILING])
    assert first.baseline_value == pytest.approx(3 / 6000)
    later = Minutes()
    later.pass_minutes([failing_a_little] * 60 + [CALM] * 60)
    assert later.pass_minutes([FAILING])[0].baseline_value == 0


def test_alerted_windows_are_not_usual(minutes: Minutes) -> None:
    minutes.pass_minutes([FAILING] * 20 + [CALM] * 2)
    (again,) = minutes.pass_minutes([FAILING])
    assert again.baseline_value == 0


def test_a_normal_window_between_bad_ones_is_not_usual_and_those_after_the_end_are(minutes: Minutes) -> None:
    between, after = (100, 1, 0.1), (1000, 3, 0.1)
    minutes.pass_minutes([FAILING, between, FAILING, after, after])
    (again,) = minutes.pass_minutes([FAILING])
    assert again.baseline_value == pytest.approx(6 / 3000)


def test_a_latency_spike_leaves_its_windows_out_of_the_errors_baseline_too(minutes: Minutes) -> None:
    slow_and_failing_a_little = (100, 1, 1.5)
    minutes.pass_minutes([slow_and_failing_a_little] * 5 + [CALM] * 2)
    assert minutes.pass_minutes([FAILING])[0].baseline_value == 0


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
    assert minutes.pass_minutes([FAILING]) == []


def test_how_many_windows_are_needed_is_a_setting() -> None:
    minutes = Minutes(DetectorSettings(detector_baseline_windows=1))
    assert len(minutes.pass_minutes([CALM, FAILING])) == 1
