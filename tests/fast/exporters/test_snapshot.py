"""Freshness is the age of the oldest unprocessed record, and 0 only while someone vouches for it."""

from datetime import timedelta

from exporters.snapshot import Snapshot
from tests.fast.exporters.traffic import START


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_before_anything_is_read_it_is_unknown() -> None:
    assert Snapshot(polled_at=START).freshness_seconds(START) is None


def test_caught_up_is_zero() -> None:
    assert Snapshot(polled_at=START, caught_up_at=START).freshness_seconds(START + seconds(3)) == 0


def test_a_sink_that_stands_still_grows_stale() -> None:
    assert Snapshot(polled_at=START, caught_up_at=START).freshness_seconds(START + seconds(60)) == 60


def test_behind_it_is_the_age_of_the_last_applied_record() -> None:
    snapshot = Snapshot(polled_at=START, applied_until=START - seconds(600))
    assert snapshot.freshness_seconds(START) == 600


def test_nothing_that_is_left_can_be_older_than_the_last_time_it_was_caught_up() -> None:
    snapshot = Snapshot(polled_at=START, caught_up_at=START - seconds(20), applied_until=START - seconds(600))
    assert snapshot.freshness_seconds(START) == 20
