"""What a service does again and again in short is no news after a while; what lasts still is."""

import pytest

from tests.fast.detector.counting import CALM, Minutes, Traffic

BURST: Traffic = (600, 0, 0.1)
FAILED: Traffic = (100, 30, 0.1)
SLOWED: Traffic = (100, 0, 0.9)
SILENT: Traffic = (0, 0, 0.1)


def pass_hours(minutes: Minutes, hours: int, bad: Traffic, every: int, length: int) -> int:
    """Let a service be bad for some minutes every so often beside a calm one; return how many anomalies began."""
    before = len(minutes.final())
    for minute in range(hours * 60):
        minutes.pass_minute({"checkout": bad if minute % every < length else CALM, "search": CALM})
    return len(minutes.final()) - before


@pytest.mark.parametrize("bad", [BURST, FAILED, SLOWED, SILENT], ids=["burst", "errors", "latency", "silence"])
@pytest.mark.parametrize(("every", "length", "most"), [(30, 1, 3), (60, 2, 5)])
def test_what_returns_in_short_is_called_a_few_times(
    minutes: Minutes, bad: Traffic, every: int, length: int, most: int
) -> None:
    assert 1 <= pass_hours(minutes, 24, bad, every, length) <= most


@pytest.mark.parametrize("bad", [BURST, FAILED, SLOWED], ids=["burst", "errors", "latency"])
def test_what_lasts_is_called_all_the_same(minutes: Minutes, bad: Traffic) -> None:
    pass_hours(minutes, 6, bad, 30, 1)
    known = len(minutes.final())
    for _ in range(4):
        minutes.pass_minute({"checkout": bad, "search": CALM})
    assert len(minutes.final()) == known + 1


@pytest.mark.parametrize("length", [3, 4])
def test_faults_of_some_minutes_make_no_habit(minutes: Minutes, length: int) -> None:
    assert pass_hours(minutes, 6, FAILED, 30, length) == 12


def test_flapping_makes_no_habit(minutes: Minutes) -> None:
    assert pass_hours(minutes, 1, FAILED, 5, 2) == 12
