"""The scoring of recorded windows, figure by figure."""

import math

import pytest

from evaluation.alarms import Alarm, Label, Span, episodes
from evaluation.scoring import Figures, added_up, score, unlabelled

HOUR, MINUTE = 3600.0, 60.0
SPAN = Span(0.0, 6 * HOUR)


def alarm(start_seconds: float, minutes: float = 2, service: str = "cart") -> Alarm:
    return Alarm(service, "latency_spike", start_seconds, start_seconds + minutes * MINUTE)


def fault(start_seconds: float) -> Label:
    return Label(start_seconds, "cart", "cpu")


def figures(alarms: list[Alarm], *faults: float) -> Figures:
    return score(alarms, [fault(at) for at in faults], SPAN)


@pytest.mark.parametrize(
    ("seconds", "found", "false"),
    [(-61, 0, 1), (-60, 0, 0), (-31, 0, 0), (-30, 1, 0), (0, 1, 0), (360, 1, 0), (361, 0, 0), (660, 0, 0), (661, 0, 1)],
)
def test_an_episode_finds_a_fault_is_near_it_or_false(seconds: float, found: int, false: int) -> None:
    result = figures([alarm(2 * HOUR + seconds)], 2 * HOUR)
    assert (result.found, len(result.false_alarms)) == (found, false)


def test_the_first_hour_is_not_scored() -> None:
    result = figures([alarm(HOUR - 300), alarm(600)], HOUR - 600, 2 * HOUR)
    assert (len(result.faults), result.found, result.starts, len(result.false_alarms)) == (1, 0, 0, 0)
    assert result.hours == 5


def test_an_alarm_that_is_stuck_on_finds_nothing_and_shows_in_the_shares() -> None:
    result = figures([alarm(HOUR + 300, minutes=300)], 2 * HOUR, 3 * HOUR, 4 * HOUR)
    assert (result.found, result.recall, result.f1) == (0, 0.0, 0.0)
    assert result.between_share == 1.0
    assert result.healthy_share is not None
    assert result.healthy_share > 0.9


def test_alarms_of_any_service_that_overlap_are_one_episode() -> None:
    alarms = [alarm(0, 2), alarm(60, 5, "b"), alarm(360, 1, "c"), alarm(1000, 1)]
    assert episodes(alarms) == [Span(0, 420), Span(1000, 1060)]


def test_false_alarms_are_merged_over_gaps_of_five_minutes() -> None:
    at = 3 * HOUR
    result = figures([alarm(at, 1), alarm(at + 360, 1), alarm(at + 721, 1)], 2 * HOUR)
    assert len(result.false_alarms) == 2
    assert result.starts == 3
    assert result.false_alarms_per_hour == pytest.approx(2 / 5)


def test_f1_is_that_of_found_faults_against_false_alarms() -> None:
    result = figures([alarm(2 * HOUR), alarm(3 * HOUR), alarm(5 * HOUR)], 2 * HOUR, 3 * HOUR, 4 * HOUR)
    assert (result.recall, result.precision) == (2 / 3, 2 / 3)
    assert result.f1 == pytest.approx(2 / 3)
    assert result.chance_recall == pytest.approx(1 - math.exp(-(3 / 5) * 390 / 3600))
    assert result.starts_per_fault == 1.0


def test_where_faults_follow_in_minutes_a_longer_gap_holds_faults_without_a_label() -> None:
    times = [HOUR + number * 510 for number in range(10)]
    later = [times[-1] + 1050 + number * 510 for number in range(10)]
    (gap,) = unlabelled([fault(at) for at in times + later])
    assert gap == Span(times[-1] + 360, later[0] - 60)
    result = figures([alarm(gap.start_seconds + 330)], *times, *later)
    assert (result.starts, len(result.false_alarms)) == (0, 0)


def test_where_faults_are_rare_the_time_between_them_is_scored() -> None:
    assert unlabelled([fault(at) for at in (2 * HOUR, 3 * HOUR, 4 * HOUR)]) == []
    assert unlabelled([]) == []


def test_times_to_detect_are_those_of_found_faults() -> None:
    result = figures([alarm(2 * HOUR + 90), alarm(3 * HOUR + 30)], 2 * HOUR, 3 * HOUR, 4 * HOUR)
    assert (result.detection_seconds(0.5), result.detection_seconds(0.95)) == (30, 90)
    assert figures([], 2 * HOUR).detection_seconds(0.5) is None


def test_figures_of_several_recordings_add_up() -> None:
    both = added_up([figures([alarm(2 * HOUR)], 2 * HOUR), figures([alarm(3 * HOUR)], 2 * HOUR)])
    assert (both.found, len(both.faults), len(both.false_alarms), both.hours) == (1, 2, 1, 10)


def test_without_anything_there_are_no_ratios() -> None:
    empty = score([], [], Span(0.0, HOUR))
    assert (empty.recall, empty.f1, empty.false_alarms_per_hour, empty.healthy_share) == (None, None, None, None)
