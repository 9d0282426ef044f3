"""Moments as they are written and read."""

from datetime import UTC, datetime

from contracts.times import from_epoch_ms, to_epoch_ms, to_rfc3339, window_start


def test_a_moment_is_written_with_z() -> None:
    assert to_rfc3339(datetime(2026, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)) == "2026-01-01T00:00:00.500000Z"


def test_epoch_milliseconds_go_both_ways() -> None:
    assert to_epoch_ms(from_epoch_ms(1_661_256_087_650)) == 1_661_256_087_650


def test_a_window_starts_with_its_minute_before_1970_too() -> None:
    assert window_start(from_epoch_ms(-1)) == datetime(1969, 12, 31, 23, 59, tzinfo=UTC)
