"""When in its minute a service's requests came: by thirds, so that minutes that straddle two windows can be looked at.

A drop that begins in the middle of a window halves that window and is plain only a minute later. The full minutes that
end 20 and 40 s into a window show it sooner. They are made of counts that are complete once stream time is
``JUDGING_DELAY`` past their end, so that, like windows, they say the same however events were cut into batches.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from contracts.times import THIRD, WINDOW

THIRDS = WINDOW // THIRD


class Thirds(NamedTuple):
    """Requests in each third of a minute; None where that is not known, or where nobody had any.

    Where nobody had requests, it is the pipeline that is silent, and no service.
    """

    first: int | None
    second: int | None
    third: int | None

    def without(self, silent: Collection[int]) -> "Thirds":
        """Return them without what is said of some thirds, 0 to 2."""
        return Thirds(*(None if number in silent else count for number, count in enumerate(self)))


UNKNOWN_THIRDS = Thirds(None, None, None)
NO_ARRIVALS = Thirds(0, 0, 0)


class Straddling(NamedTuple):
    """The requests of a full minute that began in the window before: ``seconds_before`` this one."""

    requests: float
    seconds_before: int


def silent_thirds(services: Collection[Thirds]) -> tuple[int, ...]:
    """Return the thirds, 0 to 2, in which none of some services is known to have had a request.

    >>> silent_thirds([Thirds(1, 0, 0), Thirds(0, 0, 2)])
    (1,)
    """
    return tuple(number for number in range(THIRDS) if not any(known[number] for known in services))


def thirds_over(window_start: datetime, complete_until: datetime) -> int:
    """Return how many thirds of a window are over at a moment, 0 to 3.

    >>> from datetime import UTC, timedelta
    >>> start = datetime(2026, 1, 1, tzinfo=UTC)
    >>> thirds_over(start, start + timedelta(seconds=41))
    2
    """
    return min(THIRDS, max(0, (complete_until - window_start) // THIRD))


def straddling(before: Thirds, window: Thirds, over: int) -> tuple[Straddling, ...]:
    """Return the full minutes that end within a window, after its first and its second third.

    Args:
        before: the thirds of the window before.
        window: those of the window.
        over: how many of the window's thirds are complete.

    >>> straddling(Thirds(9, 8, 7), Thirds(1, 2, 30), over=3)
    (Straddling(requests=16, seconds_before=40), Straddling(requests=10, seconds_before=20))
    """
    parts = ((before.second, before.third, window.first), (before.third, window.first, window.second))
    found = []
    for number, counts in enumerate(parts[:over]):
        known = [count for count in counts if count is not None]
        if len(known) == THIRDS:
            found.append(Straddling(sum(known), (THIRDS - 1 - number) * THIRD.seconds))
    return tuple(found)
