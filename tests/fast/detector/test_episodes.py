"""An anomaly from its first bad window to its resolution."""

import hashlib

import pytest

from contracts.anomalies import Anomaly, AnomalyType, MetricName, Severity
from detector.settings import DetectorSettings
from tests.fast.detector.counting import CALM, DELAY, FAILING, MINUTE, SLOW, START, Minutes, Traffic

THIN: Traffic = (2, 0, 0.1)
GONE: Traffic = (0, 0, 0.1)
ONSET = START + 10 * MINUTE


def test_the_first_bad_window_opens_an_anomaly(minutes: Minutes) -> None:
    (opened,) = minutes.pass_minutes([FAILING])
    assert (opened.revision, opened.resolved, opened.resolved_at) == (1, False, None)
    assert (opened.window_start, opened.window_end) == (ONSET, ONSET + MINUTE)
    assert (opened.service, opened.endpoint) == ("checkout", "")
    assert (opened.anomaly_type, opened.metric_name) == (AnomalyType.ERROR_SURGE, MetricName.ERROR_RATIO)
    assert (opened.metric_value, opened.baseline_value, opened.threshold_value) == (0.2, 0.0, 0.01)


def test_it_was_detected_when_the_first_bad_window_could_be_judged(minutes: Minutes) -> None:
    first, second = minutes.pass_minutes([FAILING] * 2)
    assert first.detected_at == second.detected_at == ONSET + MINUTE + DELAY


def test_the_id_is_a_hash_of_service_endpoint_type_and_first_bad_window(minutes: Minutes) -> None:
    first, second = minutes.pass_minutes([FAILING] * 2)
    identity = b"checkout\n\nerror_surge\n2026-01-01T12:10:00Z"
    assert first.anomaly_id == second.anomaly_id == hashlib.sha256(identity).hexdigest()[:16]


def test_each_further_bad_window_is_a_revision(minutes: Minutes) -> None:
    changed = minutes.pass_minutes([FAILING, FAILING, CALM, FAILING])
    assert [(each.revision, each.window_end) for each in changed] == [
        (1, ONSET + MINUTE), (2, ONSET + 2 * MINUTE), (3, ONSET + 4 * MINUTE),
    ]  # fmt: skip


def test_values_are_those_of_the_worst_window_and_severity_only_rises(minutes: Minutes) -> None:
    changed = minutes.pass_minutes([(120, 5, 0.1)] * 2 + [(110, 44, 0.1), (100, 5, 0.1)])
    assert [each.severity for each in changed] == [Severity.WARNING, Severity.CRITICAL, Severity.CRITICAL]
    assert [each.metric_value for each in changed] == [5 / 120, 0.4, 0.4]
    assert changed[-1].evidence.sample_size == 110


def test_a_warning_can_become_critical() -> None:
    minutes = Minutes()
    changed = minutes.pass_minutes([(100, 0, 1.2), (100, 0, 1.2), (100, 0, 2.5), (100, 0, 1.2)])
    assert [each.severity for each in changed] == [Severity.WARNING, Severity.CRITICAL, Severity.CRITICAL]


def test_two_normal_windows_in_a_row_resolve_it(minutes: Minutes) -> None:
    minutes.pass_minutes([FAILING] * 3)
    assert minutes.pass_minutes([CALM]) == []
    (final,) = minutes.pass_minutes([CALM])
    assert (final.resolved, final.resolved_at, final.revision) == (True, ONSET + 3 * MINUTE, 4)
    assert final.window_end == ONSET + 3 * MINUTE
    assert "back to normal since 12:13 UTC" in final.description
    assert minutes.engine.episodes_open == 0


def test_how_many_normal_windows_resolve_is_a_setting() -> None:
    minutes = Minutes(DetectorSettings(detector_resolve_windows=1))
    assert [each.resolved for each in minutes.pass_minutes([SLOW, CALM])] == [False, True]


def test_a_bad_window_after_resolution_is_another_anomaly(minutes: Minutes) -> None:
    minutes.pass_minutes([FAILING, CALM, CALM, FAILING])
    first, second = minutes.final().values()
    assert (first.resolved, second.resolved, second.revision) == (True, False, 1)
    assert first.anomaly_id != second.anomaly_id


def test_both_rules_have_their_own_anomaly(minutes: Minutes) -> None:
    changed = minutes.pass_minutes([(100, 20, 1.5)])
    assert [each.anomaly_type for each in changed] == [AnomalyType.ERROR_SURGE, AnomalyType.LATENCY_SPIKE]


@pytest.mark.parametrize(
    ("after", "resolved_after"),
    [
        pytest.param([CALM, FAILING, CALM], None, id="two normal windows around a bad one"),
        pytest.param([GONE] * 5, 5, id="five windows without requests"),
        pytest.param([THIN] * 4 + [FAILING], None, id="four, then a bad one"),
        pytest.param([CALM, THIN, CALM], 3, id="a thin window between two normal ones"),
        pytest.param([GONE] * 4 + [CALM] + [GONE] * 4, None, id="a normal window between empty ones"),
        pytest.param([GONE] * 4 + [CALM] + [GONE] * 5, 10, id="five empty ones after a normal one"),
    ],
)
def test_when_windows_that_are_normal_or_say_nothing_resolve_it(
    minutes: Minutes, after: list[Traffic], resolved_after: int | None
) -> None:
    minutes.pass_minutes([FAILING])
    resolved = [any(each.resolved for each in minutes.pass_minutes([traffic])) for traffic in after]
    assert resolved == [number + 1 == resolved_after for number in range(len(after))]


def ended_without_data(changed: list[Anomaly]) -> None:
    (final,) = changed
    assert (final.resolved, final.resolved_at) == (True, ONSET + MINUTE)
    assert "no data to judge by any more after 12:11 UTC" in final.description


def test_a_service_that_is_gone_while_others_go_on_is_not_bad_for_ever(minutes: Minutes) -> None:
    minutes.pass_minutes([FAILING])
    changed = minutes.pass_minutes([CALM] * 5, "search")
    ended_without_data([each for each in changed if each.anomaly_type is AnomalyType.ERROR_SURGE])
    drops = {each.anomaly_id for each in changed if each.anomaly_type is AnomalyType.TRAFFIC_DROP}
    assert len(drops) == 1, "its silence is an anomaly of its own"


def test_when_nobody_has_traffic_stream_time_closes_it_as_well(minutes: Minutes) -> None:
    minutes.pass_minutes([FAILING])
    assert minutes.skip_minutes(4) == []
    ended_without_data(minutes.skip_minutes(1))


def test_a_gap_of_months_closes_it_at_the_same_minute(minutes: Minutes) -> None:
    minutes.pass_minutes([FAILING])
    changed = minutes.skip_minutes(1_000_000)
    ended_without_data(changed)
    assert changed[0].evidence.windows[-1].window_start == ONSET + 5 * MINUTE
