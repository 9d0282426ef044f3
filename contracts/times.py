"""Moments in time as the platform writes and reads them: RFC 3339 in UTC, epoch milliseconds, whole minutes."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WINDOW = timedelta(minutes=1)
"""Length of a window."""

THIRD = WINDOW / 3
"""Of a window is known how many of its requests came in each third."""

_MILLISECOND = timedelta(milliseconds=1)


def utc_now() -> datetime:
    """Return the time of this machine's clock; what depends on time takes it, or this function, as an argument."""
    return datetime.now(UTC)


def from_epoch_ms(epoch_ms: int) -> datetime:
    """Return the moment that is ``epoch_ms`` milliseconds after 1970 in UTC.

    Raises:
        OverflowError: the moment is outside the years 1 to 9999.
    """
    return EPOCH + epoch_ms * _MILLISECOND


def to_epoch_ms(moment: datetime) -> int:
    """Return whole milliseconds since 1970, rounded down."""
    return (moment - EPOCH) // _MILLISECOND


def to_rfc3339(moment: datetime) -> str:
    """Write a moment as RFC 3339 in UTC with ``Z``, with as many digits of a second as it needs.

    >>> to_rfc3339(datetime(2022, 8, 23, 12, 0, tzinfo=UTC))
    '2022-08-23T12:00:00Z'
    """
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def window_start(moment: datetime) -> datetime:
    """Return the start of the one-minute window that holds a moment."""
    return EPOCH + (moment - EPOCH) // WINDOW * WINDOW
