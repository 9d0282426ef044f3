"""The daily rhythm: how traffic rises and falls over a day in UTC."""

import math

MINUTE_MS = 60_000
DAY_MINUTES = 1440
BUSIEST_MINUTE = 15 * 60
"""Minute of the day at which traffic is highest: 15:00 UTC."""


def rhythm(minute: int, amplitude: float) -> float:
    """Return the traffic of a minute as a multiple of the day's mean, which is 1 over the minutes of every day.

    Args:
        minute: whole minutes since 1970 UTC; the rhythm is that of the minute's middle.
        amplitude: how much of the mean the traffic rises and falls, from 0 to below 1.

    >>> round(rhythm(15 * 60, 0.3), 3), round(rhythm(3 * 60, 0.3), 3)
    (1.3, 0.7)
    """
    return 1 + amplitude * math.cos(math.tau * (minute + 0.5 - BUSIEST_MINUTE) / DAY_MINUTES)
