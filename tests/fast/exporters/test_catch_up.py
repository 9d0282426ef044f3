"""Figures of services are shown once they are those of the present."""

from dataclasses import replace
from datetime import datetime, timedelta

from exporters.snapshot import Snapshot
from exporters.store.detection_figures import DetectionFigures
from exporters.store.detection_score import Score
from exporters.store.figures import CounterFigure, Figures, SeriesFigures
from exporters.web.catch_up import CatchUp
from tests.fast.exporters.traffic import START

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Clock:
    """A store whose stream time is ``behind`` the clock; None before it is known."""

    def __init__(self, behind: timedelta | None, newest_batch_at: datetime | None = None) -> None:
        self.now, self.behind = START, behind
        self.figures = Figures(
            series=(SeriesFigures("a", "/", 1, 0, 1.0, (1,)),),
            counters=(CounterFigure("events_late_total", {}, 1),),
            detection=DetectionFigures(START, Score({}, 1, ())),
            newest_batch_at=newest_batch_at,
        )
        self.catch_up = CatchUp(self.snapshot, lambda: self.now)

    def snapshot(self) -> Snapshot:
        return Snapshot(stream_time=None if self.behind is None else self.now - self.behind, figures=self.figures)

    @property
    def is_shown(self) -> bool:
        return bool(self.catch_up.snapshot().figures.series)


def test_a_store_of_the_present_is_shown_at_once() -> None:
    clock = Clock(behind=8 * SECOND)
    assert clock.is_shown
    shown = clock.catch_up.shown()
    assert shown is not None
    assert shown.until == START - 10 * SECOND


def test_a_store_that_is_being_filled_is_not_shown() -> None:
    clock = Clock(behind=120 * MINUTE)
    for minutes in range(120, 0, -1):
        clock.behind = minutes * MINUTE
        clock.now += 10 * SECOND
        assert not clock.is_shown
    assert clock.catch_up.shown() is None
    clock.behind = 20 * SECOND
    assert clock.is_shown


def test_figures_of_services_and_their_faults_are_held_back() -> None:
    clock = Clock(behind=MINUTE, newest_batch_at=START - MINUTE)
    held_back = replace(clock.figures, series=(), detection=None)
    assert clock.catch_up.snapshot() == replace(clock.snapshot(), figures=held_back)


def test_once_shown_it_stays_so_when_the_stream_stands_still() -> None:
    clock = Clock(behind=SECOND)
    first = clock.catch_up.shown()
    clock.behind = 60 * MINUTE
    clock.now += 60 * MINUTE
    assert clock.is_shown
    assert clock.catch_up.shown() == first


def test_a_stream_that_stands_still_is_shown_after_a_while() -> None:
    clock = Clock(behind=60 * MINUTE)
    assert not clock.is_shown
    clock.now += 5 * MINUTE
    clock.behind = 65 * MINUTE
    assert clock.is_shown


def test_a_store_without_stream_time_is_shown_after_a_while() -> None:
    clock = Clock(behind=None)
    assert not clock.is_shown
    clock.now += 5 * MINUTE
    assert clock.is_shown


def test_after_a_fast_restart_it_is_shown_before_kafka_answers_and_from_then_on() -> None:
    clock = Clock(behind=None, newest_batch_at=START - 15 * SECOND)
    assert clock.is_shown
    assert clock.catch_up.shown() is None
    clock.behind = 40 * SECOND
    assert clock.is_shown
    assert clock.catch_up.shown() is not None


def test_after_a_pause_a_young_micro_batch_of_an_old_past_shows_nothing() -> None:
    clock = Clock(behind=None, newest_batch_at=START - 5 * MINUTE)
    assert not clock.is_shown
    clock.behind, clock.figures = 3 * MINUTE, replace(clock.figures, newest_batch_at=START)
    assert not clock.is_shown


def test_the_past_is_not_told_while_the_store_is_being_filled() -> None:
    clock = Clock(behind=60 * MINUTE)
    assert clock.catch_up.shown() is None
