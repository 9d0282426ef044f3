"""Lag and freshness of the job: known, caught up, or absent."""

from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry

from streaming.accounting import Books
from streaming.health import JobCollector, JobState

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BOOKS = Books("run", 0, {0: (0, 10), 1: (0, 5)}, 15, 15, 0, 0, {}, None, NOW, NOW - timedelta(seconds=40))


def test_before_anything_is_known_nothing_is_exposed() -> None:
    registry = CollectorRegistry()
    registry.register(JobCollector(JobState(trigger_seconds=5), lambda: NOW))
    samples = {sample.name for family in registry.collect() for sample in family.samples}
    assert samples == {"streaming_trigger_interval_seconds"}


def test_at_the_end_of_the_topic_the_job_is_fresh() -> None:
    state = JobState(trigger_seconds=5)
    state.take_books(BOOKS)
    state.take_ends({0: 10, 1: 5}, NOW)
    assert (state.lag_records, state.freshness_seconds(NOW)) == (0, 0.0)


def test_what_waits_came_after_the_last_record_read() -> None:
    state = JobState(trigger_seconds=5)
    state.take_books(BOOKS)
    state.take_ends({0: 12, 1: 5}, NOW)
    assert (state.lag_records, state.freshness_seconds(NOW)) == (2, 40.0)


def test_after_a_quiet_hour_a_new_record_is_not_an_hour_old() -> None:
    state = JobState(trigger_seconds=5)
    state.take_books(BOOKS)
    state.take_ends({0: 10, 1: 5}, NOW + timedelta(hours=1))
    state.take_ends({0: 11, 1: 5}, NOW + timedelta(hours=1, seconds=5))
    assert state.freshness_seconds(NOW + timedelta(hours=1, seconds=5)) == 5.0


def test_a_backlog_before_the_first_batch_has_an_unknown_age() -> None:
    state = JobState(trigger_seconds=5)
    state.take_ends({0: 12}, NOW)
    assert (state.lag_records, state.freshness_seconds(NOW)) == (12, None)


def test_stream_time_never_goes_back() -> None:
    state = JobState(trigger_seconds=5)
    state.take_books(BOOKS)
    state.take_books(Books("run", 1, {0: (10, 11)}, 1, 1, 0, 0, {}, None, NOW - timedelta(minutes=5), NOW))
    assert state.stream_time == NOW
