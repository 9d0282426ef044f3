"""At which moments of the past the figures of ``/metrics`` are told again, and when a scrape would have seen them.

A scrape at ``t`` is told to have seen the store as it stood at the moment ``t - SEEN_AFTER`` of stream time: always by
the same delay, so that telling the same past twice gives the same samples.
"""

from dataclasses import dataclass
from datetime import timedelta

from contracts.times import WINDOW
from exporters.store.figures import CLOSING_DELAY

STEP = timedelta(seconds=15)
"""Between two moments: the interval in which Prometheus scrapes, and a part of a window."""
SEEN_AFTER = timedelta(seconds=10)
"""From a moment until a scrape sees the store as of it: about what a micro-batch needs."""

WINDOW_MS = WINDOW // timedelta(milliseconds=1)
STEP_MS = STEP // timedelta(milliseconds=1)
_SEEN_AFTER_MS = SEEN_AFTER // timedelta(milliseconds=1)
_CLOSING_DELAY_MS = CLOSING_DELAY // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Past:
    """Moments from ``from_ms``, the start of a window, to ``to_ms``, in epoch milliseconds; none when it is earlier."""

    from_ms: int
    to_ms: int

    @classmethod
    def of_scrapes(cls, after_ms: int, until_ms: int) -> "Past":
        """Return what scrapes after one time and until another would have seen.

        It begins with a whole window that was not over at ``after_ms``: whatever was counted by then is in the
        counters of its start, so that they go on and not back.
        """
        return cls(-(-after_ms // WINDOW_MS) * WINDOW_MS, until_ms - _SEEN_AFTER_MS)

    @property
    def moments(self) -> range:
        """Every moment."""
        return range(self.from_ms, self.to_ms + 1, STEP_MS)


def scraped_ms(moment_ms: int) -> int:
    """Return when a scrape sees the store as of a moment."""
    return moment_ms + _SEEN_AFTER_MS


def newest_closed_start_ms(moment_ms: int) -> int:
    """Return the start of the newest window that is closed at a moment of stream time."""
    return (moment_ms - _CLOSING_DELAY_MS) // WINDOW_MS * WINDOW_MS - WINDOW_MS
